package awsresource

import (
	"context"
	"strings"

	"github.com/everqual/everqual"
)

// kinds lists every resource type that can be described. A new type is one file
// with its kind, one line here, and its recorded replies in testdata.
var kinds = []kind{
	ec2Instance,
	ec2Volume,
	ec2SecurityGroup,
	ec2VPC,
	ec2Subnet,
	s3Bucket,
	rdsInstance,
	rdsCluster,
	kmsKey,
	iamRole,
	lambdaFunction,
	cloudtrailTrail,
	dynamodbTable,

	// Network and compute.
	ec2EIP,
	ec2NetworkACL,
	ec2RouteTable,
	ec2Snapshot,
	ec2VPNConnection,
	ec2NetworkInterface,
	launchConfiguration,
	autoScalingGroup,
	ec2InternetGateway,
	ec2NATGateway,
	ec2VPCEndpoint,
	ec2LaunchTemplate,
	ec2TransitGateway,
	ec2FlowLog,
	ec2VPCPeeringConnection,
	ec2Image,
	ec2KeyPair,

	// Identity, account and secrets.
	iamUser,
	iamGroup,
	iamManagedPolicy,
	iamInstanceProfile,
	iamOIDCProvider,
	iamSAMLProvider,
	awsAccount,
	secretsmanagerSecret,
	kmsAlias,
	acmCertificate,
	ssmParameter,
	ssmDocument,

	// Load balancing, containers, interfaces.
	elbLoadBalancer,
	elbv2LoadBalancer,
	restAPI,
	restStage,
	api,
	apiStage,
	ecsTaskDefinition,
	ecrRepository,
	webACL,
	ecsCluster,
	ecsService,
	eksCluster,
	elbv2TargetGroup,
	distribution,
	eventSourceMapping,

	// Databases, storage, analytics.
	rdsSnapshot,
	rdsClusterSnapshot,
	rdsSubnetGroup,
	rdsParameterGroup,
	rdsClusterParameterGroup,
	rdsOptionGroup,
	redshiftCluster,
	cacheCluster,
	cacheReplicationGroup,
	dmsReplicationInstance,
	fsxFileSystem,
	efsFileSystem,
	efsAccessPoint,
	opensearchDomain,
	emrCluster,
	sagemakerEndpointConfig,
	sagemakerNotebookInstance,
	kinesisStream,

	// Messaging, operation, backup.
	backupPlan,
	backupVault,
	recoveryPoint,
	codebuildProject,
	logsLogGroup,
	snsTopic,
	sqsQueue,
	cloudwatchAlarm,
	eventsRule,
	eventsBus,
	stateMachine,
	cfnStack,
	guarddutyDetector,
	managedInstance,
	patchCompliance,
	associationCompliance,
	maintenanceWindow,
	patchBaseline,
	ssmAssociation,
	configRecorder,
}

// kind is what there is to know about one resource type. Paths are dotted
// member names below the attributes; "[]" after a name means each element.
type kind struct {
	name    string // the CloudFormation type
	version int    // of the normalisation: goes up when equal replies give other attributes
	arn     string // how an ARN begins behind the partition: "service:prefix"
	paths   bool   // the ARN holds a path before the name
	deep    bool   // the name may hold "/" and ":", and blanks
	global  bool   // one endpoint answers for all regions of a partition
	// named tells which names are of this type, where types share what their
	// ARNs begin with; nil means all.
	named func(string) bool
	// regionless and ownerless tell of ARNs without a region or an account.
	regionless, ownerless bool
	// source names who tells the state, where that is not the service itself.
	source string

	describe func(context.Context, *look)
	actions  []string // IAM actions that describe needs
	// list returns the names, or the ARNs, of all resources of the type in the
	// region of the clients, with the IAM actions that it needs.
	list        func(context.Context, *clients) ([]string, error)
	listActions []string
	// manyActions are those of reading many at once, where listing does not need
	// them: without them each resource is asked for by itself.
	manyActions []string
	// missing are the error codes by which the first call says that there is no
	// such resource. ending says the same of a resource that is still shown for
	// a while: at the path, these states have no way back.
	missing []string
	ending  ending

	volatile []string // change by themselves: left out
	sets     []string // lists whose order means nothing: sorted
	policies []string // policy documents as text: parsed, and written one way
	parts    []part   // other resources that are nested in the attributes
}

// part is other resources below the attributes: the path of their ids, and how
// the ARN goes on behind the partition.
type part struct {
	path string
	arn  func(region, account, id string) string
}

// ec2Part is a part whose ARN is that of most resources of EC2.
func ec2Part(path, name string) part {
	return part{path, func(region, account, id string) string {
		return "ec2:" + region + ":" + account + ":" + name + "/" + id
	}}
}

// itsARN is a part that is named by its ARN.
func itsARN(path string) part { return part{path, nil} }

// partsIn returns the other resources that are nested in the attributes.
func (k kind) partsIn(attributes everqual.Attributes, r everqual.Resource) []everqual.ResourceID {
	var all []everqual.ResourceID
	for _, p := range k.parts {
		for _, id := range textsAt(map[string]any(attributes), strings.Split(p.path, ".")) {
			if p.arn != nil {
				id = "arn:" + everqual.Partition(r.Region) + ":" + p.arn(r.Region, r.Account, id)
			}
			all = append(all, everqual.ResourceID(id))
		}
	}
	return all
}

// textsAt are the strings at a path.
func textsAt(at any, names []string) (found []string) {
	if len(names) == 0 {
		if s, ok := at.(string); ok && s != "" {
			found = append(found, s)
		}
		return found
	}
	name, many := strings.CutSuffix(names[0], "[]")
	object, _ := at.(map[string]any)
	below := []any{object[name]}
	if many {
		below, _ = object[name].([]any)
	}
	for _, b := range below {
		found = append(found, textsAt(b, names[1:])...)
	}
	return found
}

// ending is a state from which a resource does not come back.
type ending struct {
	path   string
	states []string
}

func kindOf(resourceType string) (kind, bool) {
	for _, k := range kinds {
		if k.name == resourceType {
			return k, true
		}
	}
	if cloudFormationType.MatchString(resourceType) {
		return byCloudControl(resourceType), true
	}
	return kind{}, false
}

// under puts paths below another path.
func under(prefix string, paths ...string) []string {
	var all []string
	for _, p := range paths {
		all = append(all, prefix+"."+p)
	}
	return all
}

// join puts lists of paths together.
func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
