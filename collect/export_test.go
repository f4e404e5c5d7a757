package collect

// Redact lets the tests see the redactor.
var Redact = redact

// CheckReply lets the tests say what a reply is.
var CheckReply = checkReply
