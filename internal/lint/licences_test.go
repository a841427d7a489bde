package lint

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/licensecheck"
	"github.com/stretchr/testify/require"
)

// permissive are the licences that what we ship may have, by SPDX's names. None
// asks more of those who use or host Oriel than to keep notices, and changes to
// files of MPL-2.0 open.
var permissive = []string{
	"MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-FreeBSD", "BSD-3-Clause", "ISC", "MPL-2.0", "CC0-1.0", "Unlicense", "0BSD", "Zlib", "BlueOak-1.0.0", "OFL-1.1", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0",
}

// documents are licences of texts and pictures that a module may have beside
// that of its code.
var documents = []string{"CC-BY-4.0", "CC-BY-3.0", "CC-BY-SA-4.0"}

// chosen are modules that leave a choice, by path: what is chosen, and where it
// is written.
var chosen = map[string]string{
	"github.com/golang/freetype": "licenses/ftl.txt", // the FreeType licence, which is of BSD's kind, or the GPL
}

var licenceFile = regexp.MustCompile(`(?i)^(un)?(licen[cs]e|copying)([.-].*)?$`)

// covered is the share of a licence's file that must be words of licences.
const covered = 60.0

func TestModulesHavePermissiveLicences(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", module+"/cmd/oriel").Output()
	require.NoError(t, err)
	lines := strings.Fields(strings.ReplaceAll(string(out), "\t", "\x00"))
	slices.Sort(lines)
	lines = slices.Compact(lines)
	require.Greater(t, len(lines), 100)
	for _, line := range lines {
		path, dir, _ := strings.Cut(line, "\x00")
		if file, ok := chosen[path]; ok {
			require.FileExists(t, filepath.Join(dir, file), path)
			continue
		}
		found := licencesIn(t, dir)
		code := 0
		for _, id := range found {
			if !slices.Contains(permissive, id) {
				t.Errorf("%s: %s is not among the licences that we ship", path, id)
			}
			if !slices.Contains(documents, id) {
				code++
			}
		}
		if code == 0 {
			t.Errorf("%s: no licence that is known in %s", path, dir)
		}
	}
}

func licencesIn(t *testing.T, dir string) (ids []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if f.IsDir() || !licenceFile.MatchString(f.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		cov := licensecheck.Scan(text)
		if cov.Percent < covered {
			continue // a list of others', or a note
		}
		for _, m := range cov.Match {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// What npm packages say of themselves in the lock file is what their registry
// was told.
func TestPagePackagesHavePermissiveLicences(t *testing.T) {
	text, err := os.ReadFile("../../web/package-lock.json")
	require.NoError(t, err)
	var lock struct {
		Packages map[string]struct {
			License string
			Dev     bool
		}
	}
	require.NoError(t, json.Unmarshal(text, &lock))
	require.Greater(t, len(lock.Packages), 50)
	for path, p := range lock.Packages {
		if path == "" || p.Dev {
			continue // us; and what is not in the page
		}
		one := slices.ContainsFunc(strings.Split(strings.Trim(p.License, "()"), " OR "), func(id string) bool { return slices.Contains(permissive, id) })
		if !one {
			t.Errorf("%s: %q is not among the licences that we ship", path, p.License)
		}
	}
}
