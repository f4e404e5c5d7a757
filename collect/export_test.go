package collect

// Redact lets the tests see the redactor.
var Redact = redact
