package awsresource_test

import (
	"context"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

func TestScratch(t *testing.T) {
	mototest.Start(t)
	resources := seed(t)
	d, err := awsresource.Open(context.Background(), awsresource.Options{MaxAttempts: 2, MaxBackoff: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	c := collect.New(d, time.Now)
	for _, r := range resources {
		o, e, _, err := c.Observe(context.Background(), r)
		if err != nil {
			t.Fatal(r, err)
		}
		t.Log(compact(o))
		for _, x := range e.Exchanges {
			t.Log(x.Service, x.Operation, x.Region, string(x.Parameters), x.Status, x.Attempts)
		}
		_ = everqual.Present
	}
}
