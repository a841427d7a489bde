//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// imageArgs are the arguments of CMD in the Dockerfile.
func imageArgs(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/Dockerfile")
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^CMD (\[.*\])$`).FindSubmatch(text)
	require.NotNil(t, m)
	var args []string
	require.NoError(t, json.Unmarshal(m[1], &args))
	return args
}

// What the image would hold is the binary and an empty volume. As user 65532
// in a root folder of just that, the binary comes up.
func TestContainerRootNeedsNothingButTheBinary(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		require.FileExists(t, "/usr/bin/sudo", "changing the root folder needs root")
	}
	root := t.TempDir()
	// The temporary folders above are private to the user who runs the test.
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	require.NoError(t, os.Mkdir(filepath.Join(root, "data"), 0o755))
	require.NoError(t, os.Chown(filepath.Join(root, "data"), 65532, 65532))
	binary, err := os.ReadFile(orielBinary(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "oriel"), binary, 0o755))

	// Time zones and certificates of authorities are in it, too.
	require.NoError(t, os.WriteFile(filepath.Join(root, "oriel.yaml"), []byte(`
ingest: {syslog: {listeners: [{network: udp, address: "127.0.0.1:1", time_zone: Europe/Berlin}]}}
alertmanager:
  route: {receiver: team, mute_time_intervals: []}
  receivers: [{name: team}]
  time_intervals: [{name: day, time_intervals: [{location: Asia/Tokyo, weekdays: [monday]}]}]
`), 0o644))
	inImage := func(args ...string) *exec.Cmd {
		cmd := exec.Command("/oriel", args...)
		cmd.Dir, cmd.Env = "/", []string{}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		return cmd
	}
	out, err := inImage("check", "config", "oriel.yaml").CombinedOutput()
	require.NoError(t, err, "%s", out)

	args := imageArgs(t)
	main := freeAddr(t)
	for i, a := range args { // the test shares the machine's ports
		for _, flag := range []string{"--listen=", "--otlp-grpc-listen=", "--otlp-http-listen="} {
			if strings.HasPrefix(a, flag) {
				args[i] = flag + freeAddr(t)
			}
		}
		if strings.HasPrefix(a, "--listen=") {
			args[i] = "--listen=" + main
		}
	}
	cmd := inImage(args...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		require.NoError(t, cmd.Wait(), "a polite stop ends with status 0")
	})
	await(t, func() error { _, err := get("http://"+main+"/-/ready", nil); return err })
	out, err = inImage("check", "ready", "--server=http://"+main).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func TestComposeFilePublishesOnLoopbackOnly(t *testing.T) {
	text, err := os.ReadFile("../../../deploy/compose.yaml")
	require.NoError(t, err)
	var file struct {
		Services map[string]struct {
			Ports   []string
			Volumes []string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	svc := file.Services["oriel"]
	require.NotEmpty(t, svc.Ports)
	for _, p := range svc.Ports {
		require.True(t, strings.HasPrefix(p, "127.0.0.1:"), p)
		port := p[strings.LastIndexByte(p, ':')+1:]
		require.Contains(t, strings.Join(imageArgs(t), " "), ":"+port, "a published port that nothing listens on")
	}
	require.Contains(t, imageArgs(t), "--data-dir="+strings.SplitN(svc.Volumes[0], ":", 2)[1])
}

// The manifest starts the binary as the image does, with ports that it says, and
// a configuration without faults.
func TestKubernetesManifestFitsTheBinary(t *testing.T) {
	text, err := os.ReadFile("../../../deploy/kubernetes.yaml")
	require.NoError(t, err)
	var file struct {
		Kind string
		Data map[string]string
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Args  []string
						Ports []struct {
							Number int `yaml:"containerPort"`
						}
					}
				}
			}
		}
	}
	kinds := map[string]int{}
	for dec := yaml.NewDecoder(bytes.NewReader(text)); ; {
		file.Data = nil
		err := dec.Decode(&file)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		kinds[file.Kind]++
		if config := file.Data["oriel.yaml"]; config != "" {
			path := filepath.Join(t.TempDir(), "oriel.yaml")
			require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
			run(t, "", orielBinary(t), "check", "config", path)
		}
	}
	require.Equal(t, 1, kinds["StatefulSet"])
	require.Equal(t, 1, kinds["ConfigMap"])
	c := file.Spec.Template.Spec.Containers[0]
	require.Subset(t, c.Args, imageArgs(t))
	for _, p := range c.Ports {
		require.Contains(t, strings.Join(c.Args, " "), fmt.Sprintf(":%d", p.Number))
	}
}

func TestUnitFileIsSound(t *testing.T) {
	t.Parallel()
	// systemd-analyze demands that the program exists where the unit says.
	dir := t.TempDir()
	text, err := os.ReadFile("../../../deploy/oriel.service")
	require.NoError(t, err)
	unit := filepath.Join(dir, "oriel.service")
	require.NoError(t, os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/oriel", orielBinary(t))), 0o644))
	run(t, "", program(t, "systemd-analyze"), "verify", "--man=no", unit)
	out := run(t, "", program(t, "systemd-analyze"), "security", "--offline=true", "--threshold=40", unit)
	require.Contains(t, out, "Overall exposure level")
}
