package awsresource

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/configservice/types"
	"github.com/everqual/everqual"
)

// configHistory is how many configuration items are asked for: the current one
// and those before it.
const configHistory = 10

const configHistoryAction = "config:GetResourceConfigHistory"

// recorded is what AWS Config's recorder holds of a resource: its current
// configuration, and when it changed.
// https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html
type recorded struct {
	current types.ConfigurationItem
	// configuration is the current one, decoded.
	configuration map[string]any
	history       []earlierItem
}

// earlierItem is one entry of the history, the newest first.
type earlierItem struct {
	CapturedAt *time.Time
	Status     string
	StateID    *string
}

// configItem asks AWS Config for the resource of that id. An item whose
// configuration is no JSON object is an error.
func (l *look) configItem(ctx context.Context, id string) (r recorded, err error) {
	out, err := l.config.GetResourceConfigHistory(ctx, &configservice.GetResourceConfigHistoryInput{
		ResourceType: types.ResourceType(l.kind.name), ResourceId: &id, Limit: configHistory,
	})
	if err != nil {
		return r, err
	}
	for _, item := range out.ConfigurationItems {
		r.history = append(r.history, earlierItem{item.ConfigurationItemCaptureTime, string(item.ConfigurationItemStatus), item.ConfigurationStateId})
	}
	if len(r.history) == 0 {
		return r, &types.ResourceNotDiscoveredException{Message: aws.String("AWS Config holds no configuration item of " + id)}
	}
	r.current = out.ConfigurationItems[0]
	if text := aws.ToString(r.current.Configuration); text != "" {
		if err := json.Unmarshal([]byte(text), &r.configuration); err != nil {
			return r, fmt.Errorf("the configuration is no JSON object: %w", err)
		}
	}
	return r, nil
}

// deleted tells what the item says of the resource's existence.
func (r recorded) deleted() bool {
	s := r.current.ConfigurationItemStatus
	return s == types.ConfigurationItemStatusResourceDeleted || s == types.ConfigurationItemStatusResourceDeletedNotRecorded
}

// notInConfig are the errors by which AWS Config says that it holds nothing of the
// kind: it does not know the type, or has no recorder, or no such resource.
var notInConfig = []string{"ResourceNotDiscoveredException", "NoAvailableConfigurationRecorderException", "ValidationException"}

// byConfig reads a type that Cloud Control API does not know from AWS Config,
// where a recorder runs. It is false when Config has nothing either. An item that
// Config refuses to give, or that cannot be read, is the whole resource unread.
func (l *look) byConfig(ctx context.Context) bool {
	for _, id := range identifiers(l.resource.ID) {
		r, err := l.configItem(ctx, id)
		if code, _ := codeOf(orNone(err)); slices.Contains(notInConfig, code) {
			continue
		}
		if err != nil && unreadOf("", err).Reason == everqual.Unsupported {
			return false // a server without AWS Config
		}
		if !l.read("", configHistoryAction, err) {
			return true
		}
		l.kind.source = "AWS Config"
		if l.gone = r.deleted(); l.gone {
			return true
		}
		tags := []types.Tag{}
		for k, v := range r.current.Tags {
			tags = append(tags, types.Tag{Key: aws.String(k), Value: aws.String(v)})
		}
		l.set("Configuration", r.configuration)
		l.set("Relationships", r.current.Relationships)
		l.set("Tags", tags)
		l.set("History", r.history)
		l.kind.sets = append(l.kind.sets, "Relationships")
		return true
	}
	return false
}

// configView is the second source of a resource: what AWS Config recorded, and
// where that is not what the service itself says now.
var configView = attachment{
	name: "configitem", path: "ConfigItem", read: (*look).configView,
	actions: []string{configHistoryAction},
	sets:    []string{"ConfigItem.Disagreements"},
}

func (l *look) configView(ctx context.Context) {
	const path = "ConfigItem"
	r, err := l.configItem(ctx, l.configID())
	if l.refused(path, configHistoryAction, err, "NoAvailableConfigurationRecorderException", "ResourceNotDiscoveredException") {
		return
	}
	view := struct {
		Status        string
		Disagreements []disagreement
		History       []earlierItem
	}{string(r.current.ConfigurationItemStatus), []disagreement{}, r.history}
	switch r.current.ConfigurationItemStatus {
	case types.ConfigurationItemStatusOk, types.ConfigurationItemStatusResourceDiscovered:
		view.Disagreements = disagreements(map[string]any(normalise(l.kind, l.attributes)), r.configuration)
	case types.ConfigurationItemStatusResourceNotRecorded:
		l.fail(path, everqual.Unread{Call: configHistoryAction, Reason: everqual.Unsupported, Message: "not in use here: Config does not record this resource"})
		return
	default: // deleted, for Config
		view.Disagreements = append(view.Disagreements, disagreement{Path: "State", Described: "present", Config: view.Status})
	}
	l.set(path, view)
}
