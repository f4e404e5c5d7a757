package awsresource

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ecsTaskDefinition shows of the variables of its containers digests only: the
// transport never lets the values through.
var ecsTaskDefinition = kind{
	name: "AWS::ECS::TaskDefinition", version: 1, arn: "ecs:task-definition/", deep: true, // "family:revision"
	describe: describeTaskDefinition, list: listTaskDefinitions,
	actions: []string{"ecs:DescribeTaskDefinition"}, listActions: []string{"ecs:ListTaskDefinitions"},
	ending: ending{"Status", []string{"DELETE_IN_PROGRESS"}},
	sets: append([]string{
		"Tags", "Compatibilities", "RequiresCompatibilities", "RequiresAttributes", "PlacementConstraints", "InferenceAccelerators",
		"Volumes", "ProxyConfiguration.Properties", "ContainerDefinitions",
	}, under("ContainerDefinitions[]", "DependsOn", "Environment", "EnvironmentFiles", "ExtraHosts", "MountPoints", "PortMappings",
		"ResourceRequirements", "Secrets", "SystemControls", "Ulimits", "VolumesFrom", "Links", "CredentialSpecs",
		"DockerSecurityOptions", "LinuxParameters.Capabilities.Add", "LinuxParameters.Capabilities.Drop",
		"LinuxParameters.Devices", "LinuxParameters.Tmpfs", "LogConfiguration.SecretOptions")...),
}

func describeTaskDefinition(ctx context.Context, l *look) {
	out, err := l.ecs.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &l.name, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if l.gone = noTaskDefinition(err); l.gone || !l.read("", "ecs:DescribeTaskDefinition", err) {
		return
	}
	if out.TaskDefinition == nil || !strings.HasSuffix(aws.ToString(out.TaskDefinition.TaskDefinitionArn), "/"+l.name) {
		l.nothing("ecs:DescribeTaskDefinition")
		return
	}
	l.root(out.TaskDefinition)
	l.orNull("ExecutionRoleArn", "IpcMode", "NetworkMode", "PidMode", "TaskRoleArn")
	containers, _ := l.attributes["ContainerDefinitions"].([]any)
	for _, c := range containers {
		container, _ := c.(map[string]any)
		orNull(container, "LogConfiguration", "Privileged", "ReadonlyRootFilesystem", "User")
	}
	l.set("Tags", out.Tags)
}

// noTaskDefinition tells by the message that there is none: the code alone
// stands for other mistakes of the one who asks, too.
func noTaskDefinition(err error) bool {
	if err == nil {
		return false
	}
	code, message := codeOf(err)
	return code == "ClientException" && strings.HasPrefix(message, "Unable to describe task definition")
}

// listTaskDefinitions lists those in use: AWS keeps the others for good.
func listTaskDefinitions(ctx context.Context, c *clients) ([]string, error) {
	return all(ctx, ecs.NewListTaskDefinitionsPaginator(c.ecs, &ecs.ListTaskDefinitionsInput{}),
		func(o *ecs.ListTaskDefinitionsOutput) []string { return o.TaskDefinitionArns })
}
