// An API server for tests, of Kubernetes' own Go libraries: it has the types of their version, decodes strictly,
// and applies as real ones do, field managers and conflicts included. Objects lie in memory. There are no defaults,
// checks of values, admission, controllers or pods: Debian has the libraries, not the programs that have those.
//
// It listens on a port of loopback, writes its URL to standard output, and ends when its standard input does.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The minor version of Kubernetes whose libraries these are; the build sets it.
var minor = "0"

func main() {
	version, err := strconv.Atoi(minor)
	if err != nil || version == 0 {
		log.Fatalf("the minor version %q is no number", minor)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, &server{version: version, kinds: servedKinds(version), store: newStore()}))
}

type server struct {
	version int
	kinds   map[schema.GroupVersionResource]schema.GroupVersionKind
	store   *store
}

func (s *server) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	status, body, err := s.answer(request)
	if err != nil {
		known, ok := err.(errors.APIStatus)
		if !ok {
			known = errors.NewInternalError(err)
		}
		failure := known.Status()
		status, body = int(failure.Code), &failure
	}
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	if err := json.NewEncoder(writer).Encode(body); err != nil {
		log.Print(err)
	}
}

func (s *server) answer(request *http.Request) (int, any, error) {
	parts := strings.Split(strings.Trim(request.URL.Path, "/"), "/")
	switch {
	case request.URL.Path == "/version":
		return http.StatusOK, map[string]string{"major": "1", "minor": minor, "gitVersion": "v1." + minor + ".0"}, nil
	case len(parts) == 1 && parts[0] == "api":
		return http.StatusOK, metav1.APIVersions{Versions: []string{"v1"}}, nil
	case len(parts) == 1 && parts[0] == "apis":
		return http.StatusOK, groupsOf(s.kinds), nil
	case parts[len(parts)-1] == "selfsubjectaccessreviews":
		return http.StatusCreated, map[string]any{"status": map[string]bool{"allowed": true}}, nil
	}
	target, err := s.parse(parts)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return 0, nil, err
	}
	s.store.Lock()
	defer s.store.Unlock()
	onlyMetadata := strings.Contains(request.Header.Get("Accept"), "as=PartialObjectMetadata")
	switch request.Method {
	case http.MethodGet:
		if target.name == "" {
			return s.store.list(target, request.URL.Query().Get("labelSelector"), onlyMetadata)
		}
		object, err := s.store.get(target)
		return http.StatusOK, shown(object, onlyMetadata), err
	case http.MethodPatch:
		query := request.URL.Query()
		status, object, err := s.store.patch(target, body, patchOptions{
			apply:   strings.HasPrefix(request.Header.Get("Content-Type"), "application/apply-patch"),
			manager: query.Get("fieldManager"),
			force:   query.Get("force") == "true",
			dryRun:  query.Get("dryRun") == "All",
		})
		return status, shown(object, onlyMetadata), err
	case http.MethodDelete:
		return http.StatusOK, metav1.Status{Status: metav1.StatusSuccess}, s.store.delete(target)
	}
	return 0, nil, errors.NewMethodNotSupported(target.resource.GroupResource(), request.Method)
}

// What the path of a request leads to.
type target struct {
	resource  schema.GroupVersionResource
	kind      schema.GroupVersionKind
	namespace string
	// Empty for all.
	name string
}

// Parses /api/v1/[namespaces/NS/]RESOURCE[/NAME] and /apis/GROUP/VERSION/...
func (s *server) parse(parts []string) (target, error) {
	var found target
	var rest []string
	if parts[0] == "api" && len(parts) >= 3 {
		found.resource.Version, rest = parts[1], parts[2:]
	} else if parts[0] == "apis" && len(parts) >= 4 {
		found.resource.Group, found.resource.Version, rest = parts[1], parts[2], parts[3:]
	}
	if len(rest) >= 3 && rest[0] == "namespaces" {
		found.namespace, rest = rest[1], rest[2:]
	}
	if len(rest) == 1 || len(rest) == 2 {
		found.resource.Resource = rest[0]
		found.kind = s.kinds[found.resource]
	}
	if found.kind.Empty() {
		return found, errors.NewGenericServerResponse(http.StatusNotFound, "", schema.GroupResource{}, "",
			"the server could not find the requested resource", 0, true)
	}
	if len(rest) == 2 {
		found.name = rest[1]
	}
	return found, nil
}
