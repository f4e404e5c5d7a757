package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/fsx/types"
)

var fsxFileSystems = source[types.FileSystem]{
	action: "fsx:DescribeFileSystems",
	find: func(ctx context.Context, c *clients, name string) ([]types.FileSystem, error) {
		pages := fsx.NewDescribeFileSystemsPaginator(c.fsx, &fsx.DescribeFileSystemsInput{FileSystemIds: only(name)})
		return all(ctx, pages, func(o *fsx.DescribeFileSystemsOutput) []types.FileSystem { return o.FileSystems })
	},
	id: func(f types.FileSystem) *string { return f.FileSystemId },
}

// fsxFileSystem leaves out administrative actions: the list of what was done
// lately empties by itself.
var fsxFileSystem = kind{
	name: "AWS::FSx::FileSystem", version: 1, arn: "fsx:file-system/",
	describe: fsxFileSystems.describe, list: fsxFileSystems.list,
	actions: []string{"fsx:DescribeFileSystems"}, listActions: []string{"fsx:DescribeFileSystems"},
	missing: []string{"FileSystemNotFound"},
	ending:  ending{"Lifecycle", []string{"DELETING"}},
	sets: []string{
		"Tags", "SubnetIds", "NetworkInterfaceIds", "OntapConfiguration.RouteTableIds", "OpenZFSConfiguration.RouteTableIds",
		"WindowsConfiguration.Aliases", "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.DnsIps",
	},
	volatile: []string{"AdministrativeActions", "WindowsConfiguration.MaintenanceOperationsInProgress"},
}
