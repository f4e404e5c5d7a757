package awshome

import "fmt"

// advice tells what to do about an error that AWS names so. None of them is
// permanent: work that met it is kept, and done when the cause is gone.
var advice = map[string]string{
	"ExpiredToken":                "the credentials have expired: log in again and repeat; nothing is lost",
	"ExpiredTokenException":       "the credentials have expired: log in again and repeat; nothing is lost",
	"RequestExpired":              "the credentials or this machine's clock are behind: log in again, check the clock and repeat; nothing is lost",
	"UnrecognizedClientException": "the credentials are not known: log in again and repeat; nothing is lost",
	"InvalidClientTokenId":        "the credentials are not known: log in again and repeat; nothing is lost",
	"AccessDenied":                "the role may not do this: compare its policy with the deployment's",
	"AccessDeniedException":       "the role may not do this: compare its policy with the deployment's",
	"ResourceNotFoundException":   "the table is not there: compare the home's parameter with the deployment",
	"NoSuchBucket":                "the bucket is not there: compare the home's parameter with the deployment",
	"QueueDoesNotExist":           "the queue is not there: compare the home's parameter with the deployment",
	"NotFound":                    "the topic is not there: compare the home's parameter with the deployment",
}

// said is an error of AWS with what was to be done, and what to do now.
func said(action string, err error) error {
	if err == nil {
		return nil
	}
	if a := advice[code(err)]; a != "" {
		return fmt.Errorf("%s: %w: %s", action, err, a)
	}
	return fmt.Errorf("%s: %w", action, err)
}
