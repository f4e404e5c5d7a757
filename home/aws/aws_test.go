package awshome_test

import (
	"context"
	"testing"

	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/hometest"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// The whole suite, on DynamoDB Local: what it says about conditions and transactions
// is DynamoDB's own, where moto copies the table for each. The rest is moto's here,
// and MiniStack's in TestMiniStack.
func TestHome(t *testing.T) { suite(t, start(t, dynamoDBLocal(t))) }

func suite(t *testing.T, f *front) {
	hometest.Run(t, func(t *testing.T, clock flow.Clock) flow.Home { return f.open(t, clock) })
}

func TestStore(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	names := map[ledger.Store]string{}
	open := func(t *testing.T, name string) ledger.Store {
		s, err := awshome.OpenStore(context.Background(), name, awshome.Options{})
		must(t, err)
		names[s] = name
		return s
	}
	ledgertest.Run(t,
		func(t *testing.T) ledger.Store { return open(t, f.deploy(t)) },
		func(t *testing.T, s ledger.Store) ledger.Store { return open(t, names[s]) })
}
