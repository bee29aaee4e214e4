package main

import (
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/kubernetes/scheme"
)

type key struct {
	resource        schema.GroupResource
	namespace, name string
}

type store struct {
	sync.Mutex
	objects  map[key]runtime.Object
	revision int
	schemas  managedfields.TypeConverter
	strict   runtime.Decoder
}

func newStore() *store {
	return &store{
		objects: map[key]runtime.Object{},
		schemas: applyconfigurations.NewTypeConverter(scheme.Scheme),
		strict: serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme.Scheme, scheme.Scheme,
			serializer.SerializerOptions{Strict: true}),
	}
}

func keyOf(target target) key {
	return key{resource: target.resource.GroupResource(), namespace: target.namespace, name: target.name}
}

func (s *store) get(target target) (runtime.Object, error) {
	if object, ok := s.objects[keyOf(target)]; ok {
		return object.DeepCopyObject(), nil
	}
	return nil, errors.NewNotFound(target.resource.GroupResource(), target.name)
}

func (s *store) list(target target, selection string, onlyMetadata bool) (int, any, error) {
	selector, err := labels.Parse(selection)
	if err != nil {
		return 0, nil, errors.NewBadRequest(err.Error())
	}
	items := []any{}
	for _, key := range s.keys() {
		object := s.objects[key]
		accessor, err := meta.Accessor(object)
		if err != nil {
			return 0, nil, err
		}
		within := target.namespace == "" || key.namespace == target.namespace
		if key.resource == target.resource.GroupResource() && within && selector.Matches(labels.Set(accessor.GetLabels())) {
			items = append(items, shown(object, onlyMetadata))
		}
	}
	return http.StatusOK, map[string]any{
		"apiVersion": target.kind.GroupVersion().String(),
		"kind":       target.kind.Kind + "List",
		"metadata":   metav1.ListMeta{ResourceVersion: strconv.Itoa(s.revision)},
		"items":      items,
	}, nil
}

func (s *store) keys() []key {
	var keys []key
	for key := range s.objects {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(a, b int) bool {
		return keys[a].namespace+"/"+keys[a].name < keys[b].namespace+"/"+keys[b].name
	})
	return keys
}

func (s *store) delete(target target) error {
	if _, err := s.get(target); err != nil {
		return err
	}
	delete(s.objects, keyOf(target))
	for key := range s.objects {
		if target.resource.Resource == "namespaces" && key.namespace == target.name {
			delete(s.objects, key)
		}
	}
	return nil
}

type patchOptions struct {
	// A server-side apply, which also makes what is not there; a merge patch otherwise.
	apply         bool
	manager       string
	force, dryRun bool
}

func (s *store) patch(target target, body []byte, options patchOptions) (int, runtime.Object, error) {
	if namespace := (key{resource: schema.GroupResource{Resource: "namespaces"}, name: target.namespace}); target.namespace != "" && s.objects[namespace] == nil {
		return 0, nil, errors.NewNotFound(namespace.resource, namespace.name)
	}
	manager, err := managedfields.NewDefaultFieldManager(s.schemas, scheme.Scheme, scheme.Scheme, scheme.Scheme,
		target.kind, target.kind.GroupVersion(), "", nil)
	if err != nil {
		return 0, nil, err
	}
	live, err := s.get(target)
	created := errors.IsNotFound(err)
	if created && options.apply {
		if live, err = scheme.Scheme.New(target.kind); err != nil {
			return 0, nil, err
		}
		live.GetObjectKind().SetGroupVersionKind(target.kind)
	} else if err != nil {
		return 0, nil, err
	}
	var changed runtime.Object
	if options.apply {
		if _, _, err := s.strict.Decode(body, &target.kind, nil); err != nil {
			return 0, nil, errors.NewBadRequest(err.Error())
		}
		applied := &unstructured.Unstructured{}
		if err := json.Unmarshal(body, &applied.Object); err != nil {
			return 0, nil, errors.NewBadRequest(err.Error())
		}
		changed, err = manager.Apply(live, applied, options.manager, options.force)
	} else if changed, err = merged(live, body); err == nil {
		changed, err = manager.Update(live, changed, options.manager)
	}
	if err != nil {
		return 0, nil, err
	}
	return s.keep(target, changed, created, options.dryRun)
}

func (s *store) keep(target target, object runtime.Object, created, dryRun bool) (int, runtime.Object, error) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return 0, nil, err
	}
	object.GetObjectKind().SetGroupVersionKind(target.kind)
	status := http.StatusOK
	if created {
		status = http.StatusCreated
		accessor.SetUID(types.UID("uid-" + strconv.Itoa(s.revision+1)))
		accessor.SetCreationTimestamp(metav1.Now())
	}
	if !dryRun {
		s.revision++
		accessor.SetResourceVersion(strconv.Itoa(s.revision))
		s.objects[keyOf(target)] = object
	}
	return status, object, nil
}

// An object with a merge patch (RFC 7386) in it.
func merged(live runtime.Object, patch []byte) (runtime.Object, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	if err != nil {
		return nil, err
	}
	var changes map[string]any
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, errors.NewBadRequest(err.Error())
	}
	object, err := scheme.Scheme.New(live.GetObjectKind().GroupVersionKind())
	if err != nil {
		return nil, err
	}
	return object, runtime.DefaultUnstructuredConverter.FromUnstructured(mergeFields(fields, changes), object)
}

func mergeFields(fields, changes map[string]any) map[string]any {
	for name, value := range changes {
		if value == nil {
			delete(fields, name)
		} else if inner, ok := value.(map[string]any); ok {
			outer, _ := fields[name].(map[string]any)
			if outer == nil {
				outer = map[string]any{}
			}
			fields[name] = mergeFields(outer, inner)
		} else {
			fields[name] = value
		}
	}
	return fields
}

func shown(object runtime.Object, onlyMetadata bool) any {
	if object == nil || !onlyMetadata {
		return object
	}
	accessor, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	partial := meta.AsPartialObjectMetadata(accessor)
	partial.TypeMeta = metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"}
	return partial
}
