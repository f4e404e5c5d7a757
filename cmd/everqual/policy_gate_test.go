package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/everqual/everqual/collect/awsresource/mototest"
	awshome "github.com/everqual/everqual/home/aws"
)

// ask is one permission that a call takes: the action, on what, and of the table
// the partition.
type ask struct{ action, resource, key string }

// gate stands before moto and holds every call of one key against a policy as IAM
// would. It refuses itself what moto lets through: moto knows no conditions, takes
// all of a transaction for one action, refuses in XML in a form that the SDK cannot
// read, and has no key of KMS that signs with Ed25519: the gate is that key too.
type gate struct {
	t      *testing.T
	url    string
	secret ed25519.PrivateKey

	admin  string // the key of one who may do everything
	member string // the account of those who took a role

	mu     sync.Mutex
	key    string          // whose calls are held against the policy
	policy *awshome.Policy // nil: everything is allowed
	asked  []ask           // each once, in the order of the first calls
}

func newGate(t *testing.T, moto string) *gate {
	_, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, secret: secret}
	to := must(url.Parse(moto))(t)
	pass := httputil.NewSingleHostReverseProxy(to)
	pass.ModifyResponse = g.asMember
	pass.ErrorLog = log.New(io.Discard, "", 0) // of those who gave up
	locks := mototest.Locks(pass)
	one := &sync.Mutex{} // moto's transactions are not safe from each other
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := read(r)
		if err != nil {
			return // who called gave up meanwhile
		}
		if a := g.refused(c); a.action != "" {
			c.refuse(w, a)
			return
		}
		if strings.HasPrefix(c.key, "ASIA") { // moto knows one account: the member's calls are an administrator's
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), c.key, g.admin, 1))
			r.Header.Set(ofMember, "yes")
			r.Header.Del("X-Amz-Security-Token")
			r.Header.Del("Accept-Encoding")
		}
		switch c.service {
		case "kms":
			g.kms(w, c)
		case "s3":
			locks.ServeHTTP(w, r)
		case "dynamodb":
			one.Lock()
			defer one.Unlock()
			fallthrough
		default:
			pass.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	return g
}

// hold holds what is called against a policy from now on; nil: everything goes.
func (g *gate) hold(p *awshome.Policy) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.policy = p
}

const ofMember = "X-Of-Member"

// refusal is how moto refuses, in XML also where the service speaks JSON.
var refusal = regexp.MustCompile(`<Message>(.*not authorized to perform.*)</Message>`)

// asMember has moto's refusals speak JSON, and puts the member's account in the place of the only one that moto knows.
func (g *gate) asMember(r *http.Response) error {
	json := r.StatusCode == http.StatusForbidden && r.Request.Header.Get("X-Amz-Target") != ""
	if r.Request.Header.Get(ofMember) == "" && !json {
		return nil
	}
	b, err := io.ReadAll(r.Body)
	if m := refusal.FindSubmatch(b); json && m != nil {
		b = fmt.Appendf(nil, `{"__type":"AccessDeniedException","message":%q}`, m[1])
		r.Header.Set("Content-Length", fmt.Sprint(len(b)))
		r.ContentLength = int64(len(b))
		r.Header.Del("X-Amz-Crc32")
	}
	if r.Request.Header.Get(ofMember) == "" {
		r.Body = io.NopCloser(bytes.NewReader(b))
		return err
	}
	b = bytes.ReplaceAll(b, []byte(mototest.Account), []byte(g.member))
	r.Body = io.NopCloser(bytes.NewReader(b))
	return err
}

// refused is what a call asks for and may not, as far as moto does not see it.
func (g *gate) refused(c apiCall) ask {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.key != g.key {
		return ask{}
	}
	for _, a := range c.asks(g.t) {
		if !slices.Contains(g.asked, a) {
			g.asked = append(g.asked, a)
		}
		if g.policy != nil && !allows(*g.policy, a) && !motoSees(c, *g.policy, a) {
			return a
		}
	}
	return ask{}
}

// motoMerges are actions that moto takes for others, or refuses without a name.
var motoMerges = []string{"s3:DeleteObjectVersion", "s3:GetBucketObjectLockConfiguration", "s3:GetObjectLegalHold", "s3:GetObjectRetention", "s3:ListBucketVersions"}

// motoSees tells whether moto refuses a call for its action: there is no
// statement with it at all.
func motoSees(c apiCall, p awshome.Policy, a ask) bool {
	if slices.Contains([]string{"kms", "sns", "sts"}, c.service) || strings.HasPrefix(c.operation, "Transact") || slices.Contains(motoMerges, a.action) {
		return false
	}
	return !slices.ContainsFunc(p.Statement, func(s awshome.Statement) bool { return slices.Contains(s.Action, a.action) })
}

// allows is how IAM reads a policy, as far as those of a home go.
func allows(p awshome.Policy, a ask) bool {
	return slices.ContainsFunc(p.Statement, func(s awshome.Statement) bool { return allowing(s, a) })
}

func allowing(s awshome.Statement, a ask) bool {
	keys := s.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
	return slices.Contains(s.Action, a.action) && s.Condition["StringEquals"] == nil &&
		matches(s.Resource, a.resource) && (len(keys) == 0 || matches(keys, a.key))
}

func matches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$").MatchString(text)
	})
}

func (g *gate) kms(w http.ResponseWriter, c apiCall) {
	var in struct {
		KeyID   string `json:"KeyId"`
		Message []byte
	}
	_ = json.Unmarshal(c.body, &in)
	der, _ := x509.MarshalPKIXPublicKey(g.secret.Public())
	out := map[string]any{"KeyId": in.KeyID, "PublicKey": der, "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}
	if c.operation == "Sign" {
		out = map[string]any{"KeyId": in.KeyID, "Signature": ed25519.Sign(g.secret, in.Message), "SigningAlgorithm": "ED25519_SHA_512"}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

// call is a request of the SDK.
type apiCall struct {
	key, service, operation string
	method                  string
	path                    string
	form                    url.Values
	body                    []byte
}

var credential = regexp.MustCompile(`Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/`)

func read(r *http.Request) (c apiCall, err error) {
	if c.body, err = io.ReadAll(r.Body); err != nil {
		return c, err
	}
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	c.method, c.path, c.form = r.Method, r.URL.Path, r.URL.Query()
	if m := credential.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		c.key, c.service = m[1], m[2]
	}
	_, c.operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		c.form, _ = url.ParseQuery(string(c.body))
		c.operation = c.form.Get("Action")
	}
	return c, nil
}

// refuse answers as AWS does in each of its protocols.
func (c apiCall) refuse(w http.ResponseWriter, a ask) {
	message := fmt.Sprintf("User: arn:aws:iam::%s:user/everqual is not authorized to perform: %s on resource: %s because no identity-based policy allows the %[2]s action",
		mototest.Account, a.action, a.resource)
	switch {
	case c.form.Has("delete"): // S3 answers for each version
		fmt.Fprintf(w, "<DeleteResult><Error><Key>%s</Key><Code>AccessDenied</Code><Message>%s</Message></Error></DeleteResult>", a.resource, message)
	case c.service == "s3":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<Error><Code>AccessDenied</Code><Message>%s</Message></Error>", message)
	case c.form.Get("Action") != "":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>%s</Message></Error></ErrorResponse>", message)
	default:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"AccessDeniedException","message":%q}`, message)
	}
}

// asks are the permissions that a call takes, by the Service Authorization Reference.
func (c apiCall) asks(t *testing.T) []ask {
	here := mototest.Region + ":" + mototest.Account + ":"
	var in struct {
		Name, QueueUrl, KeyId string
	}
	if c.service != "s3" && c.form.Get("Action") == "" {
		_ = json.Unmarshal(c.body, &in)
	}
	switch c.service {
	case "s3":
		return c.s3()
	case "dynamodb":
		return c.dynamodb(t)
	case "ssm":
		return []ask{{"ssm:" + c.operation, "arn:aws:ssm:" + here + "parameter" + in.Name, ""}}
	case "sqs":
		return []ask{{"sqs:" + strings.TrimSuffix(c.operation, "Batch"), "arn:aws:sqs:" + here + path.Base(in.QueueUrl), ""}}
	case "kms":
		return []ask{{"kms:" + c.operation, in.KeyId, ""}}
	case "sns":
		return []ask{{"sns:" + c.operation, c.form.Get("TopicArn"), ""}}
	case "sts":
		if c.operation == "GetCallerIdentity" { // takes no permission
			return nil
		}
		return []ask{{"sts:" + c.operation, c.form.Get("RoleArn"), ""}}
	}
	return []ask{{c.service + ":" + c.operation, "*", ""}}
}

func (c apiCall) s3() (all []ask) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(c.path, "/"), "/")
	in, on := "arn:aws:s3:::"+bucket, "arn:aws:s3:::"+bucket+"/"+key
	switch {
	case key == "" && c.form.Has("delete"):
		var asked struct {
			Object []struct{ Key, VersionId string }
		}
		_ = xml.Unmarshal(c.body, &asked)
		for _, o := range asked.Object {
			action := "s3:DeleteObject"
			if o.VersionId != "" {
				action += "Version"
			}
			all = append(all, ask{action, in + "/" + o.Key, ""})
		}
		return all
	case key != "" && c.form.Has("retention"):
		return []ask{{"s3:GetObjectRetention", on, ""}}
	case key != "" && c.form.Has("legal-hold"):
		return []ask{{"s3:GetObjectLegalHold", on, ""}}
	case key != "" && c.method == http.MethodGet:
		return []ask{{"s3:GetObject", on, ""}}
	case key != "" && c.method == http.MethodPut:
		return []ask{{"s3:PutObject", on, ""}}
	case c.form.Has("list-type"):
		return []ask{{"s3:ListBucket", in, ""}}
	case c.form.Has("versions"):
		return []ask{{"s3:ListBucketVersions", in, ""}}
	case c.form.Has("object-lock"):
		return []ask{{"s3:GetBucketObjectLockConfiguration", in, ""}}
	}
	return []ask{{"s3:" + c.method, c.path, ""}}
}

// item is one in a request to DynamoDB, as far as it names its partition.
type item struct {
	PK struct{ S string } `json:"pk"`
}

type written struct {
	TableName string
	Key, Item item
}

// dynamodb takes a transaction apart: each of its operations is permitted by itself.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
func (c apiCall) dynamodb(t *testing.T) (all []ask) {
	var in struct {
		written
		Values       map[string]struct{ S string } `json:"ExpressionAttributeValues"`
		RequestItems map[string]json.RawMessage
		Transact     []map[string]written `json:"TransactItems"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		t.Errorf("%s: %v", c.operation, err)
	}
	add := func(operation, table string, i item) {
		all = append(all, ask{"dynamodb:" + operation, "arn:aws:dynamodb:" + mototest.Region + ":" + mototest.Account + ":table/" + table, i.PK.S})
	}
	names := map[string]string{"Put": "PutItem", "Delete": "DeleteItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}
	for _, operation := range in.Transact {
		for name, w := range operation {
			if w.Item.PK.S != "" {
				w.Key = w.Item
			}
			add(names[name], w.TableName, w.Key)
		}
	}
	for table, raw := range in.RequestItems {
		for _, i := range batched(raw) {
			add(c.operation, table, i)
		}
	}
	switch c.operation {
	case "Query":
		i := item{}
		i.PK.S = in.Values[":pk"].S
		add(c.operation, in.TableName, i)
	case "TransactWriteItems", "BatchGetItem", "BatchWriteItem":
	default:
		add(c.operation, in.TableName, in.Key)
	}
	return all
}

func batched(raw json.RawMessage) (items []item) {
	var gets struct{ Keys []item }
	if json.Unmarshal(raw, &gets) == nil {
		return gets.Keys
	}
	var writes []struct{ PutRequest, DeleteRequest written }
	_ = json.Unmarshal(raw, &writes)
	for _, w := range writes {
		items = append(items, w.PutRequest.Item)
	}
	return items
}
