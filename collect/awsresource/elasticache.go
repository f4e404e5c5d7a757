package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
)

func (l *look) cacheTags(ctx context.Context) {
	tags, err := l.elasticache.ListTagsForResource(ctx, &elasticache.ListTagsForResourceInput{ResourceName: aws.String(string(l.resource.ID))})
	if l.read("TagList", "elasticache:ListTagsForResource", err) {
		l.set("TagList", tags.TagList)
	}
}

var cacheClusters = source[types.CacheCluster]{
	action: "elasticache:DescribeCacheClusters",
	find: func(ctx context.Context, c *clients, name string) ([]types.CacheCluster, error) {
		pages := elasticache.NewDescribeCacheClustersPaginator(c.elasticache, &elasticache.DescribeCacheClustersInput{
			CacheClusterId: optional(name), ShowCacheNodeInfo: aws.Bool(true),
		})
		return all(ctx, pages, func(o *elasticache.DescribeCacheClustersOutput) []types.CacheCluster { return o.CacheClusters })
	},
	id: func(c types.CacheCluster) *string { return c.CacheClusterId },
	more: func(ctx context.Context, l *look, _ types.CacheCluster) {
		l.orNull("SnapshotRetentionLimit", "ReplicationGroupId") // memcached has neither
		l.cacheTags(ctx)
	},
}

var cacheCluster = kind{
	name: "AWS::ElastiCache::CacheCluster", version: 1, arn: "elasticache:cluster:",
	describe: cacheClusters.describe, list: cacheClusters.list,
	actions:     []string{"elasticache:DescribeCacheClusters", "elasticache:ListTagsForResource"},
	listActions: []string{"elasticache:DescribeCacheClusters"},
	missing:     []string{"CacheClusterNotFound", "CacheClusterNotFoundFault"},
	ending:      ending{"CacheClusterStatus", []string{"deleting", "deleted"}},
	sets:        []string{"TagList", "CacheNodes", "CacheSecurityGroups", "SecurityGroups", "LogDeliveryConfigurations", "CacheParameterGroup.CacheNodeIdsToReboot"},
}

var replicationGroups = source[types.ReplicationGroup]{
	action: "elasticache:DescribeReplicationGroups",
	find: func(ctx context.Context, c *clients, name string) ([]types.ReplicationGroup, error) {
		pages := elasticache.NewDescribeReplicationGroupsPaginator(c.elasticache, &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: optional(name)})
		return all(ctx, pages, func(o *elasticache.DescribeReplicationGroupsOutput) []types.ReplicationGroup {
			return o.ReplicationGroups
		})
	},
	id: func(g types.ReplicationGroup) *string { return g.ReplicationGroupId },
	more: func(ctx context.Context, l *look, _ types.ReplicationGroup) {
		l.orNull("SnapshotRetentionLimit", "KmsKeyId")
		l.cacheTags(ctx)
	},
}

// cacheReplicationGroup leaves out which node plays which role: a failover
// changes it, and the service does that by itself.
var cacheReplicationGroup = kind{
	name: "AWS::ElastiCache::ReplicationGroup", version: 1, arn: "elasticache:replicationgroup:",
	describe: replicationGroups.describe, list: replicationGroups.list,
	actions:     []string{"elasticache:DescribeReplicationGroups", "elasticache:ListTagsForResource"},
	listActions: []string{"elasticache:DescribeReplicationGroups"},
	missing:     []string{"ReplicationGroupNotFoundFault", "ReplicationGroupNotFound"},
	ending:      ending{"Status", []string{"deleting"}},
	sets: []string{
		"TagList", "MemberClusters", "MemberClustersOutpostArns", "UserGroupIds", "LogDeliveryConfigurations",
		"NodeGroups", "NodeGroups[].NodeGroupMembers",
	},
	volatile: []string{"SnapshottingClusterId", "NodeGroups[].NodeGroupMembers[].CurrentRole", "PendingModifiedValues.Resharding.SlotMigration.ProgressPercentage"},
}
