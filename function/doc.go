// Package function carries the corridor as functions of AWS Lambda: each takes
// what Lambda delivers to the step of the corridor that it is for, one file per
// function. The steps are those of every other home; only the waking differs.
//
//	intake         SQS: events, to what flow.TakeDelivered makes of them
//	work           SQS: names of messages, to flow.WorkOn
//	judge          DynamoDB stream: observations, to flow.Judge
//	specification  S3: a new specification, to flow.Rejudge
//	schedule       {"do": "rejudge" | "seal" | "work" | "sweep"}
//	task           {"do": ...}: one verb of a state machine
//
// Lambda calls at least once. Every function may be called twice with the same
// input, and at the same time as another one.
package function
