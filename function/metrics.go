package function

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Units of CloudWatch.
const (
	count        = "Count"
	milliseconds = "Milliseconds"
	seconds      = "Seconds"
)

// metrics are what one invocation measured, by name.
type metrics map[string]metric

type metric struct {
	unit  string
	value float64
}

func (m metrics) add(name, unit string, value float64) {
	m[name] = metric{unit, m[name].value + value}
}

// highest keeps the highest value.
func (m metrics) highest(name, unit string, value float64) {
	m[name] = metric{unit, max(m[name].value, value)}
}

func (m metrics) events(n everqual.EventCounts) {
	for name, value := range map[string]int{
		"Events": n.Total, "EventsDuplicate": n.Duplicate, "EventsReadOnly": n.ReadOnly, "EventsFailed": n.Failed,
		"EventsMatched": n.Matched, "EventsUnmatched": n.Unmatched, "EventsUnparsable": n.Unparsable,
	} {
		m.add(name, count, float64(value))
	}
}

func (m metrics) work(n flow.WorkCounts) {
	m.add("Done", count, float64(n.Done))
	m.add("Retried", count, float64(n.Retried))
	m.add("DeadLetters", count, float64(n.DeadLetters))
}

// write writes one line in CloudWatch's embedded metric format, which Lambda
// carries from the log to the metrics.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
func (m metrics) write(w io.Writer, at time.Time, home, function string) error {
	type definition struct {
		Name string
		Unit string
	}
	defined := []definition{}
	line := map[string]any{"Home": home, "Function": function}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		defined = append(defined, definition{name, m[name].unit})
		line[name] = m[name].value
	}
	line["_aws"] = map[string]any{
		"Timestamp": at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace": "Everqual", "Dimensions": [][]string{{"Home", "Function"}}, "Metrics": defined,
		}},
	}
	b, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
