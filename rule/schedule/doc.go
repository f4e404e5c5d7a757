// Package schedule reads the schedule expressions of Amazon EventBridge and
// says when they fire: rate(...), cron(...) and at(...), in the two dialects
// of EventBridge rules and of EventBridge Scheduler.
//
// Three sources decide what is valid, in this order: what AWS was seen to
// accept and refuse; the user guides ("Schedule types in EventBridge
// Scheduler", "Setting a schedule pattern for scheduled rules"); and, where
// both are silent, the documentation of Quartz, whose grammar EventBridge's
// cron is. docs/schedules.md lists the decisions. The room imports the standard
// library only.
package schedule
