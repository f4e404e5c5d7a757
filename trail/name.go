package trail

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Chain names one chain of digests. CloudTrail keeps one for every account,
// region and trail, and another for the digests that list late log files.
type Chain struct {
	Account    string `json:"account,omitempty"`
	Region     string `json:"region,omitempty"`
	Trail      string `json:"trail,omitempty"`
	HomeRegion string `json:"homeRegion,omitempty"`
	Backfill   bool   `json:"backfill,omitempty"`
}

func (c Chain) String() string {
	s := c.Account + "/" + c.Region
	if c.Trail != "" {
		s += "/" + c.Trail
	}
	if c.HomeRegion != "" && c.HomeRegion != c.Region {
		s += "@" + c.HomeRegion
	}
	if c.Backfill {
		s += " (backfill)"
	}
	return s
}

// Stamp formats of object names. The log file's has no seconds.
const (
	digestStamp = "20060102T150405Z"
	logStamp    = "20060102T1504Z"
)

// The names of objects are those of "CloudTrail log file name format" and
// "Digest file location" of the CloudTrail user guide. A trail's name may hold
// underscores, a region never does.
var (
	digestPath = regexp.MustCompile(`(?:^|/)CloudTrail-Digest/`)
	digestFile = regexp.MustCompile(`^(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_(.+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$`)
	logPath    = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?(\d{12})/CloudTrail/([a-z0-9-]+)/`)
	logFile    = regexp.MustCompile(`^\d{12}_CloudTrail_[a-z0-9-]+_(\d{8}T\d{4}Z)_[^/]*\.json\.gz$`)
)

// digestName is what the name of a digest says. The file's name decides, not
// its folder: a digest in a foreign folder still belongs to its chain, as one
// that was moved.
type digestName struct {
	key   string
	chain Chain
	end   time.Time
}

func parseDigestName(key string) (n digestName, ok bool) {
	m := digestFile.FindStringSubmatch(baseName(key))
	if m == nil {
		return n, false
	}
	end, err := time.Parse(digestStamp, m[5])
	if err != nil {
		return n, false
	}
	return digestName{key, Chain{m[1], m[2], m[3], m[4], m[6] != ""}, end}, true
}

// logName is what the name of a log file says.
type logName struct {
	account, region string
	time            time.Time
}

func parseLogName(key string) (n logName, ok bool) {
	m, f := logPath.FindStringSubmatch(key), logFile.FindStringSubmatch(baseName(key))
	if m == nil || f == nil {
		return n, false
	}
	made, err := time.Parse(logStamp, f[1])
	return logName{m[1], m[2], made}, err == nil
}

func baseName(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

// Regions are the regions whose keys signed the digests among the files, and the time
// from which on they did.
func Regions(ctx context.Context, files Files) (regions []string, from time.Time, err error) {
	for key, err := range files.List(ctx, "") {
		if err != nil {
			return nil, from, fmt.Errorf("list the files: %w", err)
		}
		n, ok := parseDigestName(key)
		if !ok {
			continue
		}
		if start := n.end.Add(-hour); from.IsZero() || start.Before(from) {
			from = start
		}
		if !slices.Contains(regions, n.chain.Region) {
			regions = append(regions, n.chain.Region)
		}
	}
	slices.Sort(regions)
	return regions, from, nil
}
