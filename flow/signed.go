package flow

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/everqual/everqual"
)

// oneSided are the members of a CloudTrail record that one of two copies may lack:
// they tell of the call's road and of how CloudTrail files it, and came to the record
// version by version, so that a copy that EventBridge delivered or LookupEvents gave
// need not have them. What both copies have must be equal. Whether the call changed
// something and in which account it did is compared by what was read of it.
var oneSided = map[string]bool{
	"eventVersion": true, "apiVersion": true, "eventCategory": true, "managementEvent": true, "readOnly": true,
	"recipientAccountId": true, "sessionCredentialFromConsole": true, "tlsDetails": true,
	"vpcEndpointId": true, "vpcEndpointAccountId": true, "eventContext": true,
}

// difference names the first thing in which an event of the ledger differs from the one
// that CloudTrail signed, "" when it is the same event. What was read of them is
// compared, the whole CloudTrail record, and of the envelope what rules go by.
func difference(kept, signed everqual.ChangeEvent) string {
	for _, f := range []struct {
		name         string
		kept, signed any
	}{
		{"eventID", kept.ID, signed.ID},
		{"eventTime", utc(kept), utc(signed)},
		{"eventSource", kept.Service, signed.Service},
		{"eventName", kept.Name, signed.Name},
		{"awsRegion", kept.Region, signed.Region},
		{"recipientAccountId", kept.Account, signed.Account},
		{"userIdentity.arn", kept.Actor.ARN, signed.Actor.ARN},
		{"errorCode", kept.ErrorCode, signed.ErrorCode},
		{"readOnly", kept.ReadOnly, signed.ReadOnly},
		{"addendum", kept.Corrects, signed.Corrects},
	} {
		if f.kept != f.signed {
			return otherwise(f.name, f.kept, f.signed)
		}
	}
	if bytes.Equal(kept.Envelope, signed.Envelope) {
		return ""
	}
	k, err := membersOf(kept.Envelope)
	if err != nil {
		return "the event in the ledger cannot be compared: " + err.Error()
	}
	s, err := membersOf(signed.Envelope)
	if err != nil {
		return "the signed event cannot be compared: " + err.Error()
	}
	for _, name := range []string{"source", "detail-type"} {
		if !same(k[name], s[name]) {
			return otherwise(name, k[name], s[name])
		}
	}
	return inRecords(k["detail"], s["detail"])
}

func utc(e everqual.ChangeEvent) string { return e.Time.UTC().Format("2006-01-02T15:04:05.999999999Z") }

// inRecords compares two CloudTrail records. A member that is null says as little as
// one that is absent.
func inRecords(kept, signed any) string {
	k, ok := kept.(map[string]any)
	s, also := signed.(map[string]any)
	if !ok || !also {
		return "the event in the ledger holds no CloudTrail record"
	}
	names := maps.Clone(s)
	maps.Copy(names, k)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		absent := k[name] == nil || s[name] == nil
		if !same(k[name], s[name]) && !(absent && oneSided[name]) {
			return otherwise(name, k[name], s[name])
		}
	}
	return ""
}

func otherwise(name string, kept, signed any) string {
	return fmt.Sprintf("%s is %s in the ledger, and CloudTrail signed %s", name, brief(kept), brief(signed))
}

// brief shows a value.
func brief(v any) string {
	if v == nil {
		return "absent"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	if text := []rune(string(b)); len(text) > 60 {
		return string(text[:59]) + "…"
	}
	return string(b)
}

// same compares JSON values.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, same)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(string(a), string(b))
	}
	return reflect.DeepEqual(a, b)
}

// sameNumber compares numbers, which may be written anew on the way: 10000000 as 1.0E7.
// Two that are both whole and written out are compared by their digits, since a float
// does not hold all of them.
func sameNumber(a, b string) bool {
	if a == b || !strings.ContainsAny(a, ".eE") && !strings.ContainsAny(b, ".eE") {
		return a == b
	}
	x, err := strconv.ParseFloat(a, 64)
	y, also := strconv.ParseFloat(b, 64)
	return cmp.Or(err, also) == nil && x == y
}

// membersOf reads an object. A name that occurs twice in an object is an error, because
// readers differ in which of them they take.
func membersOf(object []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	v, err := valueOf(dec)
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("it is no object")
	}
	return m, nil
}

func valueOf(dec *json.Decoder) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := valueOf(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.Token()
		return list, err
	case json.Delim('{'):
		return objectOf(dec)
	}
	return t, nil
}

func objectOf(dec *json.Decoder) (any, error) {
	m := map[string]any{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if _, twice := m[name]; twice {
			return nil, fmt.Errorf("%q occurs twice", name)
		}
		if m[name], err = valueOf(dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return m, err
}
