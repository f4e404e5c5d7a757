// Package tfstate reads which AWS resources a Terraform state file manages, in
// the format of version 3 (Terraform up to 0.11) and 4.
// https://developer.hashicorp.com/terraform/language/state
package tfstate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// Entry is a managed AWS resource. Terraform also manages parts of resources, such
// as the policy of a bucket: then Type and ID name the resource that it is part
// of. Where neither is known, all three are "".
type Entry struct {
	Address  string // as Terraform writes it: module.db.aws_db_instance.lims
	ARN      everqual.ResourceID
	Type, ID string // "AWS::S3::Bucket" and the name of the bucket
}

// maxSize bounds a state file, in bytes; large estates have some ten megabytes.
const maxSize = 512 << 20

// Read returns the AWS resources in the order of their addresses. Data sources and
// resources of other providers are left out. The values of a state file may be
// secrets: nothing but addresses and ARNs is kept, and errors quote none of it.
func Read(r io.Reader) ([]Entry, error) {
	var state struct {
		Version   int             `json:"version"`
		Resources []resource      `json:"resources"` // version 4
		Modules   []module        `json:"modules"`   // version 3
		Lineage   json.RawMessage `json:"lineage"`
		Values    json.RawMessage `json:"values"` // of `terraform show -json`
	}
	limited := &io.LimitedReader{R: r, N: maxSize + 1}
	err := json.NewDecoder(limited).Decode(&state)
	switch syntax := (*json.SyntaxError)(nil); {
	case limited.N == 0:
		return nil, fmt.Errorf("the state file is longer than %d bytes", int64(maxSize))
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("no JSON: %w at byte %d", syntax, syntax.Offset)
	case err != nil:
		return nil, fmt.Errorf("no Terraform state: %w", withoutValue(err))
	}
	var entries []Entry
	switch {
	case state.Version == 4:
		for _, r := range state.Resources {
			entries = append(entries, r.entries()...)
		}
	case state.Version == 3:
		for _, m := range state.Modules {
			entries = append(entries, m.entries()...)
		}
	case state.Values != nil:
		return nil, errors.New("the output of `terraform show -json`, not a state file: give what `terraform state pull` prints")
	default:
		return nil, fmt.Errorf("no Terraform state of version 3 or 4 (version is %d)", state.Version)
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Address, b.Address) })
	return entries, nil
}

// withoutValue is the place and the kind of a value that does not fit, without
// the value.
func withoutValue(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s is of the wrong kind at byte %d", wrong.Field, wrong.Offset)
	}
	return err
}

// attributes are what is read of an instance.
type attributes struct {
	ARN           any `json:"arn"`
	Bucket        any `json:"bucket"`
	Role          any `json:"role"`
	User          any `json:"user"`
	Group         any `json:"group"`
	SecurityGroup any `json:"security_group_id"`
	RouteTable    any `json:"route_table_id"`
	NetworkACL    any `json:"network_acl_id"`
	Function      any `json:"function_name"`
}

// entry is the resource of the type at the address.
func (a attributes) entry(kind, address string) Entry {
	e := Entry{Address: address}
	if s, _ := a.ARN.(string); isARN(s) {
		e.ARN = everqual.ResourceID(s)
		return e
	}
	for _, owner := range []struct {
		prefix, kind string
		id           any
	}{
		{"aws_s3_bucket_", "AWS::S3::Bucket", a.Bucket},
		{"aws_iam_role_", "AWS::IAM::Role", a.Role},
		{"aws_iam_user_", "AWS::IAM::User", a.User}, {"aws_iam_access_key", "AWS::IAM::User", a.User},
		{"aws_iam_group_", "AWS::IAM::Group", a.Group},
		{"aws_security_group_rule", "AWS::EC2::SecurityGroup", a.SecurityGroup},
		{"aws_vpc_security_group_", "AWS::EC2::SecurityGroup", a.SecurityGroup},
		{"aws_route", "AWS::EC2::RouteTable", a.RouteTable},
		{"aws_network_acl_", "AWS::EC2::NetworkAcl", a.NetworkACL},
		{"aws_lambda_", "AWS::Lambda::Function", a.Function},
	} {
		if id, _ := owner.id.(string); id != "" && strings.HasPrefix(kind, owner.prefix) {
			e.Type, e.ID = owner.kind, id
			break
		}
	}
	return e
}

func isARN(s string) bool {
	_, ok := everqual.ResourceID(s).Parts()
	return ok
}

// resource is one of version 4.
type resource struct {
	Module    string `json:"module"`
	Mode      string `json:"mode"`
	Type      string `json:"type"`
	Name      string `json:"name"`
	Instances []struct {
		Index      any        `json:"index_key"`
		Deposed    string     `json:"deposed"`
		Attributes attributes `json:"attributes"`
	} `json:"instances"`
}

func (r resource) entries() (entries []Entry) {
	if r.Mode != "managed" || !strings.HasPrefix(r.Type, "aws_") {
		return nil
	}
	for _, i := range r.Instances {
		address := r.Type + "." + r.Name
		if r.Module != "" {
			address = r.Module + "." + address
		}
		if i.Index != nil {
			index, _ := json.Marshal(i.Index) // it was JSON
			address += "[" + string(index) + "]"
		}
		if i.Deposed != "" {
			address += " (deposed " + i.Deposed + ")"
		}
		entries = append(entries, i.Attributes.entry(r.Type, address))
	}
	return entries
}

// module is one of version 3, whose root has the path ["root"].
type module struct {
	Path      []string `json:"path"`
	Resources map[string]struct {
		Type    string `json:"type"`
		Primary *struct {
			Attributes attributes `json:"attributes"`
		} `json:"primary"`
	} `json:"resources"`
}

func (m module) entries() (entries []Entry) {
	for key, r := range m.Resources {
		if !strings.HasPrefix(r.Type, "aws_") || strings.HasPrefix(key, "data.") || r.Primary == nil {
			continue
		}
		address := key
		if len(m.Path) > 1 {
			address = "module." + strings.Join(m.Path[1:], ".module.") + "." + key
		}
		entries = append(entries, r.Primary.Attributes.entry(r.Type, address))
	}
	return entries
}
