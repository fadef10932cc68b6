// Prints the JSON shape of the built-in kinds' Go types, one struct a line, for src/cluster/kinds/types.generated.ts:
//
//	Name field:type field:type …
//
// A struct's name is its package's last part and its own (`v1.PodSpec`), made unique by the group (`apps/v1.…`).
// Types: s string, b bool, i int32, I int64, f float64, y bytes, T Time, M MicroTime, Q Quantity, D Duration,
// O IntOrString, R anything, F FieldsV1, [X list, {X map, @Name struct; `s~v1.Protocol` is a string with a Go name.
// `*` in front: a pointer. `#N`: the field's number in protobuf, `#N.M` for a field of an embedded struct. `!` at the
// end: written even when it is empty; `?`: not written when it is zero, a struct neither.
package main

import (
	"fmt"
	"os"
	"path"
	"reflect"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	aggregator "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var structs = map[string]string{}
var special = map[string]string{
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":                "T",
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":           "M",
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":            "D",
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":            "F",
	"k8s.io/apimachinery/pkg/api/resource.Quantity":            "Q",
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString":          "O",
	"k8s.io/apimachinery/pkg/runtime.RawExtension":             "R",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON":                      "R",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray":     "R",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool":      "R",
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray": "R",
}

func nameOf(t reflect.Type) string {
	p := t.PkgPath()
	switch {
	case strings.HasPrefix(p, "k8s.io/api/"):
		p = strings.TrimPrefix(p, "k8s.io/api/")
	case strings.HasSuffix(p, "apis/meta/v1"):
		p = "meta/v1"
	default:
		p = path.Base(path.Dir(p)) + "/" + path.Base(p)
	}
	return p + "." + t.Name()
}

func typeOf(t reflect.Type) string {
	if code, ok := special[t.PkgPath()+"."+t.Name()]; ok {
		return code
	}
	named := ""
	if t.PkgPath() != "" {
		named = "~" + path.Base(t.PkgPath()) + "." + t.Name()
	}
	switch t.Kind() {
	case reflect.Ptr:
		return "*" + typeOf(t.Elem())
	case reflect.String:
		return "s" + named
	case reflect.Bool:
		return "b"
	case reflect.Int32:
		return "i" + named
	case reflect.Int64, reflect.Int:
		return "I" + named
	case reflect.Float64:
		return "f"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "y"
		}
		return "[" + typeOf(t.Elem())
	case reflect.Map:
		return "{" + typeOf(t.Elem())
	case reflect.Struct:
		name := nameOf(t)
		if _, seen := structs[name]; !seen {
			structs[name] = ""
			structs[name] = strings.Join(fields(t, "#"), " ")
		}
		return "@" + name
	case reflect.Interface:
		return "R"
	}
	panic(fmt.Sprint("unknown type ", t))
}

// The number of a field in protobuf behind `prefix`; empty when it has none.
func number(f reflect.StructField, prefix string) string {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	if len(parts) < 2 || prefix == "" || messages[f.Type.String()] {
		return ""
	}
	return prefix + parts[1]
}

// Lists that are messages of their own in protobuf: nothing here needs them.
var messages = map[string]bool{
	"map[string]v1.ExtraValue": true,
}

func fields(t reflect.Type, prefix string) []string {
	var list []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && tag == "" {
			inner := f.Type
			if inner.Kind() == reflect.Ptr {
				inner = inner.Elem()
			}
			within := number(f, prefix)
			if within != "" {
				within += "."
			}
			list = append(list, fields(inner, within)...)
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		text := tag + ":" + typeOf(f.Type) + number(f, prefix)
		if strings.Contains(options, "omitzero") {
			text += "?"
		} else if !strings.Contains(options, "omitempty") {
			text += "!"
		}
		list = append(list, text)
	}
	return list
}

func main() {
	s := scheme.Scheme
	for _, add := range []error{apiextensions.AddToScheme(s), aggregator.AddToScheme(s)} {
		if add != nil {
			panic(add)
		}
	}
	var kinds []string
	for gvk, t := range s.AllKnownTypes() {
		if strings.Contains(gvk.Version, "alpha") || strings.Contains(gvk.Version, "beta") || strings.HasSuffix(gvk.Kind, "List") || strings.HasSuffix(gvk.Kind, "Options") || gvk.Version == "__internal" || gvk.Kind == "WatchEvent" {
			continue
		}
		if gvk.Group == "internal.apiserver.k8s.io" || gvk.Group == "imagepolicy.k8s.io" || gvk.Group == "extensions" {
			continue
		}
		apiVersion := gvk.GroupVersion().String()
		kinds = append(kinds, "= "+apiVersion+" "+gvk.Kind+" "+typeOf(t))
	}
	kinds = append(kinds, "= meta.k8s.io/v1 DeleteOptions "+typeOf(reflect.TypeOf(metav1.DeleteOptions{})))
	sort.Strings(kinds)
	var names []string
	for name := range structs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintln(os.Stdout, name, structs[name])
	}
	for _, kind := range kinds {
		fmt.Fprintln(os.Stdout, kind)
	}
}
