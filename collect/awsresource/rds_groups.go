package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// rdsTags reads the tags of what does not show them itself.
func (l *look) rdsTags(ctx context.Context) {
	tags, err := l.rds.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: aws.String(string(l.resource.ID))})
	if l.read("TagList", "rds:ListTagsForResource", err) {
		l.set("TagList", tags.TagList)
	}
}

var subnetGroups = source[types.DBSubnetGroup]{
	action: "rds:DescribeDBSubnetGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.DBSubnetGroup, error) {
		pages := rds.NewDescribeDBSubnetGroupsPaginator(c.rds, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeDBSubnetGroupsOutput) []types.DBSubnetGroup { return o.DBSubnetGroups })
	},
	id:   func(g types.DBSubnetGroup) *string { return g.DBSubnetGroupName },
	more: func(ctx context.Context, l *look, _ types.DBSubnetGroup) { l.rdsTags(ctx) },
}

var rdsSubnetGroup = kind{
	name: "AWS::RDS::DBSubnetGroup", version: 1, arn: "rds:subgrp:",
	describe: subnetGroups.describe, list: subnetGroups.list,
	actions: []string{"rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"}, listActions: []string{"rds:DescribeDBSubnetGroups"},
	missing: []string{"DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound"},
	sets:    []string{"TagList", "Subnets", "SupportedNetworkTypes"},
}

var parameterGroups = source[types.DBParameterGroup]{
	action: "rds:DescribeDBParameterGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.DBParameterGroup, error) {
		pages := rds.NewDescribeDBParameterGroupsPaginator(c.rds, &rds.DescribeDBParameterGroupsInput{DBParameterGroupName: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeDBParameterGroupsOutput) []types.DBParameterGroup { return o.DBParameterGroups })
	},
	id: func(g types.DBParameterGroup) *string { return g.DBParameterGroupName },
	more: func(ctx context.Context, l *look, _ types.DBParameterGroup) {
		pages := rds.NewDescribeDBParametersPaginator(l.rds, &rds.DescribeDBParametersInput{DBParameterGroupName: &l.name, Source: modified})
		parameters, err := all(ctx, pages, func(o *rds.DescribeDBParametersOutput) []types.Parameter { return o.Parameters })
		if l.read("Parameters", "rds:DescribeDBParameters", err) {
			l.set("Parameters", parameters)
		}
		l.rdsTags(ctx)
	},
}

// modified asks for the parameters that somebody set, of the hundreds there are.
var modified = aws.String("user")

var rdsParameterGroup = kind{
	name: "AWS::RDS::DBParameterGroup", version: 1, arn: "rds:pg:",
	describe: parameterGroups.describe, list: parameterGroups.list,
	actions:     []string{"rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"},
	listActions: []string{"rds:DescribeDBParameterGroups"},
	missing:     []string{"DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"},
	sets:        []string{"TagList", "Parameters", "Parameters[].SupportedEngineModes"},
}

var clusterParameterGroups = source[types.DBClusterParameterGroup]{
	action: "rds:DescribeDBClusterParameterGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.DBClusterParameterGroup, error) {
		pages := rds.NewDescribeDBClusterParameterGroupsPaginator(c.rds, &rds.DescribeDBClusterParameterGroupsInput{DBClusterParameterGroupName: optional(name)})
		return all(ctx, pages, func(o *rds.DescribeDBClusterParameterGroupsOutput) []types.DBClusterParameterGroup {
			return o.DBClusterParameterGroups
		})
	},
	id: func(g types.DBClusterParameterGroup) *string { return g.DBClusterParameterGroupName },
	more: func(ctx context.Context, l *look, _ types.DBClusterParameterGroup) {
		pages := rds.NewDescribeDBClusterParametersPaginator(l.rds, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: &l.name, Source: modified})
		parameters, err := all(ctx, pages, func(o *rds.DescribeDBClusterParametersOutput) []types.Parameter { return o.Parameters })
		if l.read("Parameters", "rds:DescribeDBClusterParameters", err) {
			l.set("Parameters", parameters)
		}
		l.rdsTags(ctx)
	},
}

var rdsClusterParameterGroup = kind{
	name: "AWS::RDS::DBClusterParameterGroup", version: 1, arn: "rds:cluster-pg:",
	describe: clusterParameterGroups.describe, list: clusterParameterGroups.list,
	actions:     []string{"rds:DescribeDBClusterParameterGroups", "rds:DescribeDBClusterParameters", "rds:ListTagsForResource"},
	listActions: []string{"rds:DescribeDBClusterParameterGroups"},
	missing:     []string{"DBParameterGroupNotFound", "DBParameterGroupNotFoundFault", "DBClusterParameterGroupNotFound"},
	sets:        []string{"TagList", "Parameters", "Parameters[].SupportedEngineModes"},
}
