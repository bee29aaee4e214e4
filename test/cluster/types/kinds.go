package main

import (
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// Types tell by these when they were first to be replaced by others, and when they are served no more.
type deprecated interface {
	APILifecycleDeprecated() (major, minor int)
}
type removed interface {
	APILifecycleRemoved() (major, minor int)
}

// The stable kinds that this version serves and advises: what it has deprecated is gone one day.
func servedKinds(minor int) map[schema.GroupVersionResource]schema.GroupVersionKind {
	kinds := map[schema.GroupVersionResource]schema.GroupVersionKind{}
	for kind := range scheme.Scheme.AllKnownTypes() {
		if !isStable(kind.Version) || strings.HasSuffix(kind.Kind, "List") || strings.HasSuffix(kind.Kind, "Options") {
			continue
		}
		object, err := scheme.Scheme.New(kind)
		if err != nil {
			continue
		}
		if _, err := meta.Accessor(object); err != nil {
			continue
		}
		if is, ok := object.(deprecated); ok && reached(is.APILifecycleDeprecated, minor) {
			continue
		}
		if is, ok := object.(removed); ok && reached(is.APILifecycleRemoved, minor) {
			continue
		}
		resource, _ := meta.UnsafeGuessKindToResource(kind)
		kinds[resource] = kind
	}
	return kinds
}

func isStable(version string) bool {
	return !strings.Contains(version, "alpha") && !strings.Contains(version, "beta")
}

func reached(lifecycle func() (int, int), minor int) bool {
	_, since := lifecycle()
	return since <= minor
}

// The answer to /apis.
func groupsOf(kinds map[schema.GroupVersionResource]schema.GroupVersionKind) metav1.APIGroupList {
	versions := map[string]map[string]bool{}
	for resource := range kinds {
		if resource.Group == "" {
			continue
		}
		if versions[resource.Group] == nil {
			versions[resource.Group] = map[string]bool{}
		}
		versions[resource.Group][resource.Version] = true
	}
	var list metav1.APIGroupList
	for name, served := range versions {
		group := metav1.APIGroup{Name: name}
		for version := range served {
			group.Versions = append(group.Versions, metav1.GroupVersionForDiscovery{
				GroupVersion: name + "/" + version,
				Version:      version,
			})
		}
		sort.Slice(group.Versions, func(a, b int) bool { return group.Versions[a].Version > group.Versions[b].Version })
		list.Groups = append(list.Groups, group)
	}
	sort.Slice(list.Groups, func(a, b int) bool { return list.Groups[a].Name < list.Groups[b].Name })
	return list
}
