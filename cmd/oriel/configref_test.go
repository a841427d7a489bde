package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/units"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// TestConfigurationReference compares the tables of docs/configuration.md with
// the keys that oriel.yaml has, their defaults, and the comments on them in Go.
// -update writes the tables.
func TestConfigurationReference(t *testing.T) {
	const doc = "../../docs/configuration.md"
	const mark = "<!-- made by: go test ./cmd/oriel -run TestConfigurationReference -update -->\n"
	text, err := os.ReadFile(doc)
	require.NoError(t, err)
	intro, old, found := strings.Cut(string(text), mark)
	require.True(t, found, "%s lacks the line %s", doc, mark)

	r := keyTables{T: t, structs: map[string]map[string]*ast.StructType{}}
	r.section("", "", reflect.ValueOf(*defaultConfig()), r.declared("main")["config"])
	if *update {
		require.NoError(t, os.WriteFile(doc, []byte(intro+mark+r.out.String()), 0o644))
		return
	}
	if diff := gocmp.Diff(strings.Split(old, "\n"), strings.Split(r.out.String(), "\n")); diff != "" {
		t.Errorf("run with -update, and look at what changed:\n%s", diff)
	}
}

// apart are sections that have a page of their own.
var apart = map[string]string{
	"ingest.pipelines": "[pipelines.md](pipelines.md)",
	"alertmanager":     "[alerting.md](alerting.md)",
}

// keyTables writes a table for each section that is a struct of Oriel's.
type keyTables struct {
	*testing.T
	structs map[string]map[string]*ast.StructType // by package path and name
	out     strings.Builder
}

// section writes the keys of v, a struct that decl declares, and then the
// sections within, as deep as ingest.otlp.
func (r *keyTables) section(name, about string, v reflect.Value, decl *ast.StructType) {
	type inner struct {
		name, about string
		v           reflect.Value
		decl        *ast.StructType
	}
	var sections []inner
	var rows strings.Builder
	seen := map[reflect.Type]string{}
	comments := r.comments(v.Type(), decl)
	for key, f := range keysOf(v.Type()) {
		path := strings.TrimPrefix(name+"."+key, ".")
		if f.Type.Kind() == reflect.Struct && ours(f.Type) && strings.Count(path, ".") < 2 && apart[path] == "" {
			sections = append(sections, inner{path, comments[key].text, v.FieldByIndex(f.Index), r.declOf(f.Type, comments[key].decl)})
			continue
		}
		r.row(&rows, seen, path, key, f, v.FieldByIndex(f.Index), comments)
	}
	if rows.Len() > 0 && name != "" {
		fmt.Fprintf(&r.out, "\n## %s\n\n", name)
		if about != "" {
			fmt.Fprintf(&r.out, "%s.\n\n", strings.ToUpper(about[:1])+about[1:])
		}
	} else if rows.Len() > 0 {
		fmt.Fprintf(&r.out, "\n## At the top\n\n")
	}
	if rows.Len() > 0 {
		fmt.Fprintf(&r.out, "| key | default | |\n|---|---|---|\n%s", rows.String())
	}
	for _, s := range sections {
		r.section(s.name, s.about, s.v, s.decl)
	}
}

// row writes a key and those within its value. path is the key from the top, key
// from the table's section.
func (r *keyTables) row(rows *strings.Builder, seen map[reflect.Type]string, path, key string, f reflect.StructField, v reflect.Value, comments map[string]comment) {
	c, ok := comments[key[strings.LastIndexByte(key, '.')+1:]]
	if !ok {
		return // of somebody else's struct that is inlined: see foreign
	}
	about := c.text
	elem, place := f.Type, key
	for elem.Kind() == reflect.Slice || elem.Kind() == reflect.Map || elem.Kind() == reflect.Pointer {
		switch elem.Kind() {
		case reflect.Slice:
			place += "[]"
		case reflect.Map:
			place += ".NAME"
		}
		elem = elem.Elem()
	}
	nested := elem.Kind() == reflect.Struct && ours(elem)
	if page := apart[path]; page != "" {
		about, nested = strings.TrimPrefix(about+": "+page, ": "), false
	} else if before, ok := seen[elem]; ok && nested {
		about, nested = strings.TrimPrefix(about+"; keys as of `"+before+"`", "; "), false
	}
	if about != "" || !nested {
		fmt.Fprintf(rows, "| `%s` | %s | %s |\n", key, spelled(v, key), strings.ReplaceAll(about, "|", `\|`))
	}
	if !nested {
		return
	}
	seen[elem] = key
	inner := reflect.Zero(elem)
	if f.Type == elem {
		inner = v
	}
	decl := r.declOf(elem, c.decl)
	comments = r.comments(elem, decl)
	for k, f := range keysOf(elem) {
		r.row(rows, seen, path+"."+k, place+"."+k, f, inner.FieldByIndex(f.Index), comments)
	}
	if c, ok := comments[foreign]; ok {
		fmt.Fprintf(rows, "| `%s.…` | | %s |\n", place, c.text)
	}
}

// foreign is the place among comments of a struct that is inlined and not ours.
const foreign = "…"

const module = "github.com/oriel-obs/oriel"

func ours(t reflect.Type) bool {
	return t.PkgPath() == "" || t.PkgPath() == "main" || strings.HasPrefix(t.PkgPath(), module)
}

// spelled is a value as one would write it in oriel.yaml; "" for what is empty.
func spelled(v reflect.Value, key string) string {
	if v.IsZero() && v.Kind() != reflect.Bool && v.Kind() != reflect.Int && v.Kind() != reflect.Int64 && v.Kind() != reflect.Float64 {
		return ""
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return "`" + model.Duration(x).String() + "`"
	case units.Base2Bytes:
		return "`" + x.String() + "`"
	case fmt.Stringer:
		return "`" + x.String() + "`"
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		if n := v.Int(); n > 0 && n%1024 == 0 && (strings.Contains(key, "bytes") || strings.Contains(key, "memory")) {
			return "`" + units.Base2Bytes(n).String() + "`"
		}
	case reflect.Slice:
		all := make([]string, v.Len())
		for i := range all {
			if ours(v.Index(i).Type()) && v.Index(i).Kind() == reflect.Struct {
				var inner []string
				for k, f := range keysOf(v.Index(i).Type()) {
					inner = append(inner, k+": "+strings.Trim(spelled(v.Index(i).FieldByIndex(f.Index), k), "`"))
				}
				all[i] = "{" + strings.Join(inner, ", ") + "}"
			} else {
				all[i] = strings.Trim(spelled(v.Index(i), ""), "`")
			}
		}
		return "`[" + strings.Join(all, ", ") + "]`"
	case reflect.Map, reflect.Struct, reflect.Pointer:
		return ""
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

// A comment is what stands at a field, and the struct that it declares in place.
type comment struct {
	text string
	decl *ast.StructType
}

// comments returns what decl says of the keys of t, those of its inlined
// structs included. Go's names of fields are replaced by their keys.
func (r *keyTables) comments(t reflect.Type, decl *ast.StructType) map[string]comment {
	r.Helper()
	require.NotNil(r, decl, "declaration of %v", t)
	all := map[string]comment{}
	for _, f := range decl.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		require.NoError(r, err)
		key, options, _ := strings.Cut(reflect.StructTag(tag).Get("yaml"), ",")
		in, _ := f.Type.(*ast.StructType)
		if options == "inline" {
			key = foreign
		}
		all[key] = comment{r.plain(cmp.Or(f.Comment.Text(), f.Doc.Text()), t), in}
	}
	for f := range t.Fields() {
		if _, options, _ := strings.Cut(f.Tag.Get("yaml"), ","); options == "inline" && ours(f.Type) {
			delete(all, foreign)
			maps.Copy(all, r.comments(f.Type, r.declOf(f.Type, nil)))
		}
	}
	return all
}

// plain is a comment on one line, with keys in place of the names of t's fields.
func (r *keyTables) plain(text string, t reflect.Type) string {
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ".")
	for key, f := range keysOf(t) {
		if camel.MatchString(f.Name) {
			text = regexp.MustCompile(`\b`+f.Name+`\b`).ReplaceAllString(text, "`"+key+"`")
		}
	}
	return text
}

// camel is of names that are no words.
var camel = regexp.MustCompile(`^\w+[A-Z]`)

// declOf returns the declaration of t: in, or that of its name.
func (r *keyTables) declOf(t reflect.Type, in *ast.StructType) *ast.StructType {
	if t.Name() == "" {
		return in
	}
	return r.declared(t.PkgPath())[t.Name()]
}

// declared returns the structs of a package of Oriel's.
func (r *keyTables) declared(pkg string) map[string]*ast.StructType {
	if all := r.structs[pkg]; all != nil {
		return all
	}
	dir := "."
	if rel, ok := strings.CutPrefix(pkg, module+"/"); ok && !strings.HasSuffix(pkg, "cmd/oriel") {
		dir = filepath.Join("..", "..", filepath.FromSlash(rel))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(r, err)
	all := map[string]*ast.StructType{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(r, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					all[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	r.structs[pkg] = all
	return all
}
