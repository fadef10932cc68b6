/**
 * The rules of a Kubernetes API, in steps of one line: what is done `=>` what is then so.
 *
 * Left: `VERB [SUBRESOURCE] [as MANAGER] [force] [dry] KIND NAME [JSON]`. The verbs: apply, create, update, patch (a
 * merge patch), strategic, json (operations), delete, get, list (by label selector instead of a name), watched (what
 * watchers were told since the rule began).
 *
 * Right, separated by `;`: `PATH = JSON`, `no PATH`, `same version`, `new version`, `absent`, the code of an error and
 * then a part of its message, and for lists and watches the names.
 */
export const clusterRules: { readonly [name: string]: string } = {
  "an object is there once it is created": `
    get ConfigMap a                          => absent
    create ConfigMap a {"data":{"k":"1"}}    => data.k = "1"; no metadata.generation
    create ConfigMap a {"data":{"k":"1"}}    => AlreadyExists configmaps "a" already exists
    get ConfigMap a                          => same version
    delete ConfigMap a                       => absent
    get ConfigMap a                          => absent
    delete ConfigMap a                       => absent`,
  "a write that changes nothing keeps the version": `
    apply as team ConfigMap a {"data":{"k":"1"}}   => new version
    apply as team ConfigMap a {"data":{"k":"1"}}   => same version
    patch ConfigMap a {"data":{"k":"1"}}           => same version
    patch ConfigMap a {"data":{"k":"2"}}           => new version; data.k = "2"`,
  "a dry run answers as the write would and stores nothing": `
    create dry ConfigMap a {"data":{"k":"1"}}      => data.k = "1"
    get ConfigMap a                                => absent
    create ConfigMap a {"data":{"k":"1"}}          => new version
    patch dry ConfigMap a {"data":{"k":"2"}}       => data.k = "2"
    get ConfigMap a                                => data.k = "1"; same version
    delete dry ConfigMap a                         => absent
    get ConfigMap a                                => same version`,
  "an old version cannot be overwritten": `
    create ConfigMap a                                            => new version
    update ConfigMap a {"metadata":{"resourceVersion":"1"}}       => Conflict the object has been modified
    patch ConfigMap a {"metadata":{"resourceVersion":"1"}}        => Conflict the object has been modified`,
  "an applied field belongs to who applied it": `
    apply as team ConfigMap a {"data":{"k":"1"}}         => data.k = "1"
    apply as other ConfigMap a {"data":{"k":"2"}}        => FieldManagerConflict conflict with "team"
    apply as other ConfigMap a {"data":{"k":"1"}}        => data.k = "1"
    apply as other force ConfigMap a {"data":{"k":"2"}}  => data.k = "2"
    apply as other ConfigMap a {"data":{}}               => no data.k`,
  "a field that is applied no more goes, unless another wants it": `
    apply as team ConfigMap a {"data":{"k":"1","l":"1"}} => data.l = "1"
    apply as other ConfigMap a {"data":{"l":"1"}}        => data.l = "1"
    apply as team ConfigMap a {"data":{}}                => no data.k; data.l = "1"
    apply as other ConfigMap a {"data":{}}               => no data.l`,
  "items of a list are applied by their key": `
    apply as team Service s {"spec":{"ports":[{"name":"a","port":80}]}}  => spec.ports.0.protocol = "TCP"
    apply as other Service s {"spec":{"ports":[{"name":"b","port":81}]}} => spec.ports.0.name = "a"; spec.ports.1.name = "b"
    apply as team Service s {"spec":{}}                                  => spec.ports.0.name = "b"; no spec.ports.1`,
  "each patch language has its own rules for lists": `
    create Service s {"spec":{"ports":[{"name":"a","port":80},{"name":"b","port":81}]}}          => spec.ports.1.name = "b"
    strategic Service s {"spec":{"ports":[{"port":81,"name":"c"}]}}     => spec.ports.0.name = "a"; spec.ports.1.name = "c"
    json Service s [{"op":"test","path":"/spec/ports/0/name","value":"b"}] => Invalid
    json Service s [{"op":"remove","path":"/spec/ports/0"}]             => spec.ports.0.name = "c"; no spec.ports.1
    patch Service s {"spec":{"ports":[{"name":"d","port":90}]}}         => spec.ports.0.name = "d"; no spec.ports.1`,
  "unknown fields are refused": `
    create ConfigMap a {"dta":{}}                        => BadRequest unknown field "dta"
    create ConfigMap a {"data":{"k":1}}                  => BadRequest cannot unmarshal number
    apply as team ConfigMap a {"dta":{}}                 => field not declared in schema
    get ConfigMap a                                      => absent`,
  "names and values are checked": `
    create ConfigMap A                                   => Invalid a lowercase RFC 1123 subdomain
    create ConfigMap a {"data":{"a b":""}}               => Invalid data[a b]
    create Service s {"spec":{"ports":[]}}               => Invalid spec.ports: Required value
    create ConfigMap a {"metadata":{"labels":{"x":"-"}}} => Invalid metadata.labels`,
  "the generation counts the changes of the spec": `
    create Deployment d SPEC                                     => metadata.generation = 1; spec.replicas = 1
    patch Deployment d {"metadata":{"labels":{"x":"y"}}}         => metadata.generation = 1
    patch Deployment d {"spec":{"replicas":2}}                   => metadata.generation = 2
    patch status Deployment d {"status":{"replicas":2}}          => metadata.generation = 2; status.replicas = 2
    patch status Deployment d {"spec":{"replicas":9}}            => spec.replicas = 2
    patch Deployment d {"status":{"replicas":9}}                 => status.replicas = 2
    patch scale Deployment d {"spec":{"replicas":3}}             => spec.replicas = 3
    get Deployment d                                             => metadata.generation = 3`,
  "what cannot change is kept": `
    create Deployment d SPEC                                               => new version
    patch Deployment d {"spec":{"selector":{"matchLabels":{"x":"y"}}}}     => Invalid spec.selector
    patch Deployment d {"metadata":{"uid":"00000000-0000-0000-0000-000000000000"}} => Invalid metadata.uid
    create ConfigMap a {"immutable":true,"data":{"k":"1"}}                 => immutable = true
    patch ConfigMap a {"data":{"k":"2"}}                                   => Invalid field is immutable`,
  "finalizers hold an object back": `
    create ConfigMap a {"metadata":{"finalizers":["example.com/hold"]}}    => new version
    delete ConfigMap a                                     => metadata.finalizers = ["example.com/hold"]
    patch ConfigMap a {"metadata":{"finalizers":["example.com/hold","example.com/more"]}} => Invalid metadata.finalizers
    create ConfigMap a                                     => AlreadyExists object is being deleted
    patch ConfigMap a {"metadata":{"finalizers":null}}     => no metadata.finalizers
    get ConfigMap a                                        => absent`,
  "lists are in order of names, and selected by labels": `
    create ConfigMap b {"metadata":{"labels":{"app":"x","tier":"db"}}}     => new version
    create ConfigMap a {"metadata":{"labels":{"app":"x"}}}                 => new version
    create ConfigMap c {"metadata":{"labels":{"app":"y"}}}                 => new version
    list ConfigMap app=x                                 => a b
    list ConfigMap app=x,tier!=db                        => a
    list ConfigMap app in (x,y),!tier                    => a c
    list ConfigMap app                                   => a b c
    list ConfigMap app=%                                 => BadRequest`,
  "watchers are told every change in order": `
    create ConfigMap a {"metadata":{"labels":{"suite":"w"}}}  => new version
    patch ConfigMap a {"data":{"k":"1"}}                 => new version
    patch ConfigMap a {"data":{"k":"1"}}                 => same version
    create ConfigMap b {"metadata":{"labels":{"suite":"w"}}}  => new version
    delete ConfigMap a                                   => absent
    watched ConfigMap suite=w                            => added a, modified a, added b, deleted a`,
  "a kind of one's own is pruned, filled and checked": `
    create Widget w {"spec":{"size":3}}                       => spec.size = 3; spec.color = "blue"; metadata.generation = 1
    create Widget v {"spec":{"size":3,"other":1}}             => BadRequest unknown field "spec.other"
    create Widget v {"spec":{"size":30}}                      => Invalid spec.size in body should be less than or equal to 10
    create Widget v {"spec":{}}                               => Invalid spec.size: Required value
    apply as team Widget w {"spec":{"parts":[{"name":"a"}]}}  => spec.parts.0.name = "a"
    apply as other Widget w {"spec":{"parts":[{"name":"b"}]}} => spec.parts.1.name = "b"
    patch status Widget w {"status":{"ready":true}}           => status.ready = true; metadata.generation = 3
    strategic Widget w {"spec":{"size":4}}                    => UnsupportedMediaType`,
}
