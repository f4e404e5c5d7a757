package intake_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// walked walks dir and tells items as "path: ID" and "path: ! error", skipped
// inputs as "path: - reason", relative to dir.
func walked(t *testing.T, dir string) (lines []string, r *intake.Reader) {
	t.Helper()
	r = &intake.Reader{}
	rel := func(path string) string {
		name, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(name) + ": "
	}
	for item := range r.Walk(context.Background(), dir, nil) {
		lines = append(lines, rel(item.Place.Input)+tell(t, item))
		if item.Input != (item.Place.Line == 0) {
			t.Errorf("%v: input error %v", item.Place, item.Input)
		}
	}
	for _, s := range r.Files().Skipped {
		lines = append(lines, rel(s.Place.Input)+"- "+s.Message)
	}
	return lines, r
}

func TestWalk(t *testing.T) {
	const trail, digests = "bucket/AWSLogs/111122223333/CloudTrail/eu-central-1/2024/03/01/", "bucket/AWSLogs/o-abc/111122223333/CloudTrail-Digest/eu-central-1/2024/03/01/"
	dir := tree(t, map[string]string{
		trail + "111122223333_CloudTrail_eu-central-1_20240301T0805Z_b.json.gz": string(zip(`{"Records":[` + rec("b1") + "," + rec("b2") + "]}")),
		trail + "111122223333_CloudTrail_eu-central-1_20240301T0800Z_a.json.gz": string(zip(`{"Records":[` + rec("a") + "]}")),
		trail + "not-compressed.json.gz":                                        rec("n"),
		digests + "digest.json.gz":                                              string(zip("{}")),
		"bucket/AWSLogs/111122223333/Config/eu-central-1/x.json.gz":             "{}",
		"bucket/AWSLogs/111122223333/vpcflowlogs/eu-central-1/x.log.gz":         "x",
		"bucket/AWSLogs/111122223333/loose.json":                                rec("loose"),
		"AWSLogs/mine/other/events.JSON":                                        rec("mine"),
		"z/lines.jsonl":                                                         rec("l1") + "\n{\n" + rec("l2"),
		"z/more.ndjson":                                                         env("e"),
		"z/digest.json":                                                         `{"digestStartTime":"x","digestEndTime":"y"}`,
		"z/empty.log":                                                           "",
		"z/notes.txt":                                                           rec("not read"),
		"z/.DS_Store":                                                           "x",
		"z/broken.json":                                                         rec("x1") + "\n" + rec("x2")[:50],
		"z/damaged.gz":                                                          string(zip(rec("d"))[:40]),
		"z/deep/er/e.gz":                                                        string(zip(rec("deep"))),
	})
	got, r := walked(t, dir)
	want := []string{
		"AWSLogs/mine/other/events.JSON: mine",
		trail + "111122223333_CloudTrail_eu-central-1_20240301T0800Z_a.json.gz: a",
		trail + "111122223333_CloudTrail_eu-central-1_20240301T0805Z_b.json.gz: b1",
		trail + "111122223333_CloudTrail_eu-central-1_20240301T0805Z_b.json.gz: b2",
		trail + "not-compressed.json.gz: n",
		"bucket/AWSLogs/111122223333/loose.json: loose",
		"z/broken.json: x1",
		"z/broken.json: ! the input ends at byte 185 within the JSON text that begins here",
		"z/damaged.gz: ! the input cannot be read further at byte 33 within the JSON text that begins here: the gzip data is cut short",
		"z/deep/er/e.gz: deep",
		"z/lines.jsonl: l1",
		"z/lines.jsonl: ! not JSON: cut short at byte 137 (line 3)",
		"z/lines.jsonl: l2",
		"z/more.ndjson: e",
		"bucket/AWSLogs/111122223333/Config: - delivered by Config, not CloudTrail",
		"bucket/AWSLogs/111122223333/vpcflowlogs: - delivered by vpcflowlogs, not CloudTrail",
		strings.TrimSuffix(digests, "/eu-central-1/2024/03/01/") + ": - CloudTrail digest: it proves log files and holds no events",
		"z/.DS_Store: - not named *.json, *.jsonl, *.ndjson, *.log or *.gz",
		"z/digest.json: - a CloudTrail digest: it proves log files and holds no events",
		"z/notes.txt: - not named *.json, *.jsonl, *.ndjson, *.log or *.gz",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("walk (-want +got):\n%s", diff)
	}
	files := r.Files()
	if files.Read != 10 || len(files.Failed) != 1 || files.Failed[0].Place.Input != filepath.Join(dir, "z/damaged.gz") {
		t.Errorf("account: %d read, failed %v", files.Read, files.Failed)
	}
}

func TestWalkLinks(t *testing.T) {
	dir := tree(t, map[string]string{"a/1.json": rec("1"), "b/2.json": rec("2")})
	for link, to := range map[string]string{
		"a/up":          "..",
		"a/self":        ".",
		"b/to-a":        "../a",
		"b/file.json":   "../a/1.json",
		"b/gone.json":   "nowhere.json",
		"b/circle.json": "circle.json",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("links cannot be made here:", err)
		}
	}
	got, _ := walked(t, dir)
	want := []string{
		"a/1.json: 1",
		"b/2.json: 2",
		"b/circle.json: ! stat: too many levels of symbolic links",
		"b/file.json: 1",
		"b/gone.json: ! stat: no such file or directory",
		"a/self: - the same folder as " + dir + "/a",
		"a/up: - the same folder as " + dir,
		"b/to-a: - the same folder as " + dir + "/a",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("walk (-want +got):\n%s", diff)
	}
}

func TestWalkUnreadable(t *testing.T) {
	dir := tree(t, map[string]string{"a.json": rec("a"), "locked/b.json": rec("b"), "secret.json": rec("c"), "z.json": rec("z")})
	for _, name := range []string{"locked", "secret.json"} {
		path := filepath.Join(dir, name)
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(path, 0o755) })
	}
	withoutPrivilege(t, dir)
	got, r := walked(t, dir)
	want := []string{"a.json: a", "locked: ! open: permission denied", "secret.json: ! open: permission denied", "z.json: z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("walk (-want +got):\n%s", diff)
	}
	problems := []everqual.InputProblem{
		{Place: everqual.Place{Input: filepath.Join(dir, "locked")}, Message: "open: permission denied"},
		{Place: everqual.Place{Input: filepath.Join(dir, "secret.json")}, Message: "open: permission denied"},
	}
	if diff := cmp.Diff(problems, r.Files().Failed); diff != "" || r.Files().Read != 2 {
		t.Errorf("account: %d read, failed (-want +got):\n%s", r.Files().Read, diff)
	}
}

func TestWalkOneInput(t *testing.T) {
	dir := tree(t, map[string]string{"events.txt": rec("a")})
	socket, err := net.Listen("unix", filepath.Join(dir, "s.json"))
	if err != nil {
		t.Skip("sockets cannot be made here:", err)
	}
	defer socket.Close()
	for name, tc := range map[string]struct {
		path, stdin string
		want        string
	}{
		"named on purpose": {filepath.Join(dir, "events.txt"), "", "a"},
		"standard input":   {"-", rec("b"), "b"},
		"not there":        {filepath.Join(dir, "x"), "", "! stat: no such file or directory"},
		"socket":           {filepath.Join(dir, "s.json"), "", "! is a socket"},
		"socket in folder": {dir, "", "! is a socket"},
	} {
		t.Run(name, func(t *testing.T) {
			var r intake.Reader
			var got []string
			for item := range r.Walk(context.Background(), tc.path, strings.NewReader(tc.stdin)) {
				got = append(got, tell(t, item))
				if tc.path != dir && item.Place.Input != tc.path {
					t.Errorf("place %v", item.Place)
				}
			}
			if len(got) != 1 || got[0] != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWalkStops(t *testing.T) {
	dir := tree(t, map[string]string{"a/1.json": rec("1"), "a/2.json": rec("2"), "b/3.json": rec("3"), "gone": ""})
	if err := os.Symlink("nowhere", filepath.Join(dir, "a/0.json")); err != nil {
		t.Skip(err)
	}
	for stop := 1; stop <= 4; stop++ {
		var r intake.Reader
		n := 0
		for range r.Walk(context.Background(), dir, nil) {
			if n++; n == stop {
				break
			}
		}
		if n != stop {
			t.Errorf("%d items, want to stop at %d", n, stop)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var r intake.Reader
	n := 0
	for item := range r.Walk(ctx, dir, nil) {
		if n++; item.Err != context.Canceled || !item.Input {
			t.Errorf("%+v", item)
		}
	}
	if n != 1 {
		t.Errorf("%d items after the end of the context", n)
	}
}
