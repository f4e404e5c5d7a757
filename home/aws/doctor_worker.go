package awshome

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/everqual/everqual"
)

// worker is the check of what wakes the function work, where a worker on Fargate may
// have taken its place.
func (w *ward) worker(ctx context.Context, c everqual.Check) everqual.Check {
	name := w.name + "-worker"
	out, err := ecs.NewFromConfig(w.cfg).DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &name, Services: []string{name}})
	if code(err) == "ClusterNotFoundException" || err == nil && len(out.Services) == 0 {
		return c
	}
	if err != nil {
		return unasked(c.Name, "ecs:DescribeServices", err)
	}
	s := out.Services[0]
	return everqual.OK(c.Name, "the worker takes its place: %d of %d tasks run", s.RunningCount, s.DesiredCount).
		Else(s.RunningCount > 0, everqual.CheckFail, "look at the events of the service "+name+": nobody works")
}
