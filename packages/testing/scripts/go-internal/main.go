// Prints the names that fields have inside the server, where they differ from what the wire's names make them expect,
// one struct a line, for src/cluster/kinds/internal.generated.ts:
//
//	group/version.Name GoName GoName=wireName …
//
// in Go's order, embedded structs laid flat. `=wireName` is there when lowering the first capitals of GoName does not
// give it; `GoName=^wireName` is a member that the wire has in the struct around this one; `...=wireName` is one that is
// laid flat.
package main

import (
	"fmt"
	"path"
	"reflect"
	"sort"
	"strings"
	"unicode"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
)

var lines = map[string]string{}

// The wire's name of each of its fields, by the name in Go.
func wireNames(t reflect.Type) map[string]string {
	names := map[string]string{}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && tag == "" {
			for name, wire := range wireNames(f.Type) {
				names[name] = wire
			}
			continue
		}
		names[strings.ToLower(f.Name)] = tag
	}
	return names
}

func lowered(name string) string {
	runes := []rune(name)
	for i := range runes {
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) {
			break
		}
		if !unicode.IsUpper(runes[i]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}

func innermost(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Ptr || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	return t
}

// Types with JSON tags are the same inside and outside.
func isInternal(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && strings.HasPrefix(t.PkgPath(), "k8s.io/kubernetes/pkg/apis/")
}

func fields(t, wire reflect.Type, around map[string]string) []string {
	names := wireNames(wire)
	var list []string
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if f.Anonymous && isInternal(f.Type) {
			list = append(list, fields(f.Type, wire, around)...)
			continue
		}
		name, ok := names[strings.ToLower(f.Name)]
		switch {
		case !ok && around[strings.ToLower(f.Name)] != "":
			list = append(list, f.Name+"=^"+around[strings.ToLower(f.Name)])
		case !ok:
			panic(fmt.Sprint("no name for ", f.Name, " of ", t))
		case f.Anonymous:
			list = append(list, "...="+name)
		case name == lowered(f.Name):
			list = append(list, f.Name)
		default:
			list = append(list, f.Name+"="+name)
		}
		inner := innermost(f.Type)
		if !isInternal(inner) || !ok {
			continue
		}
		visit(inner, innermost(fieldOf(wire, f.Name)), names)
	}
	return list
}

func fieldOf(t reflect.Type, name string) reflect.Type {
	f, ok := t.FieldByNameFunc(func(each string) bool { return strings.EqualFold(each, name) })
	if !ok {
		panic(fmt.Sprint("no field ", name, " in ", t))
	}
	return f.Type
}

func visit(t, wire reflect.Type, around map[string]string) {
	name := path.Base(path.Dir(wire.PkgPath())) + "/" + path.Base(wire.PkgPath()) + "." + wire.Name()
	if _, seen := lines[name]; seen {
		return
	}
	lines[name] = ""
	lines[name] = strings.Join(fields(t, wire, around), " ")
}

func main() {
	for _, pair := range [][2]any{
		{core.PodTemplateSpec{}, corev1.PodTemplateSpec{}},
		{core.PersistentVolumeClaimSpec{}, corev1.PersistentVolumeClaimSpec{}},
		{core.PersistentVolumeSource{}, corev1.PersistentVolumeSource{}},
		{core.VolumeNodeAffinity{}, corev1.VolumeNodeAffinity{}},
		{core.ServicePort{}, corev1.ServicePort{}},
		{core.ScopeSelector{}, corev1.ScopeSelector{}},
		{apps.DeploymentStrategy{}, appsv1.DeploymentStrategy{}},
		{apps.DaemonSetUpdateStrategy{}, appsv1.DaemonSetUpdateStrategy{}},
		{apps.StatefulSetUpdateStrategy{}, appsv1.StatefulSetUpdateStrategy{}},
		{batch.PodFailurePolicy{}, batchv1.PodFailurePolicy{}},
		{batch.SuccessPolicy{}, batchv1.SuccessPolicy{}},
		{policy.PodDisruptionBudgetSpec{}, policyv1.PodDisruptionBudgetSpec{}},
		{rbac.RoleRef{}, rbacv1.RoleRef{}},
	} {
		visit(reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1]), nil)
	}
	// The wire has no struct for the sources of a volume: they are in its spec.
	lines["core/v1.PersistentVolumeSpec"] = lines["core/v1.PersistentVolumeSource"]
	delete(lines, "core/v1.PersistentVolumeSource")
	var names []string
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name, lines[name])
	}
}
