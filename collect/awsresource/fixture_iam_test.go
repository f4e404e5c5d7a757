package awsresource_test

import (
	"html"
	"maps"
	"strings"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

const (
	certificateID  = "7f3c9a52-1d4e-4b86-9c0a-52e1d7b8f3a6"
	certificateARN = "arn:aws:acm:" + mototest.Region + ":" + mototest.Account + ":certificate/" + certificateID
)

func init() {
	maps.Copy(fixtures, map[string]func(string) answer{
		// The test server knows no key of the account's own for volumes, no MFA of
		// the root user, and answers S3 Control at host names only.
		"ec2:GetEbsDefaultKmsKeyId": fixed(`<GetEbsDefaultKmsKeyIdResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId><kmsKeyId>arn:aws:kms:eu-central-1:111122223333:key/0b6f1c1e-52c4-4b0a-8f0e-0f6f4c1b7d21</kmsKeyId></GetEbsDefaultKmsKeyIdResponse>`),
		"s3control:GetPublicAccessBlock": fixed(`<PublicAccessBlockConfiguration xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">` +
			`<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`),
		"iam:GetAccountSummary": fixed(`<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccountSummaryResult><SummaryMap>` +
			entries("AccountAccessKeysPresent", "0", "AccountMFAEnabled", "1", "AccountPasswordPresent", "1", "AccountSigningCertificatesPresent", "0",
				"GlobalEndpointTokenVersion", "2", "Groups", "7", "Users", "12", "UsersQuota", "5000") +
			`</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>`),
		"iam:ListVirtualMFADevices": fixed(`<ListVirtualMFADevicesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListVirtualMFADevicesResult><IsTruncated>false</IsTruncated><VirtualMFADevices>` +
			`<member><SerialNumber>arn:aws:iam::111122223333:mfa/lims-operator</SerialNumber><EnableDate>2026-01-12T09:30:00Z</EnableDate>` +
			`<User><Path>/</Path><UserName>lims-operator</UserName><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Arn>arn:aws:iam::111122223333:user/lims-operator</Arn><CreateDate>2026-01-12T09:00:00Z</CreateDate></User></member>` +
			`</VirtualMFADevices></ListVirtualMFADevicesResult></ListVirtualMFADevicesResponse>`),
		"iam:GetAccessKeyLastUsed": fixed(`<GetAccessKeyLastUsedResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetAccessKeyLastUsedResult><UserName>lims-auditor</UserName>` +
			`<AccessKeyLastUsed><LastUsedDate>2026-10-30T14:05:00Z</LastUsedDate><ServiceName>s3</ServiceName><Region>eu-central-1</Region></AccessKeyLastUsed></GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>`),
		"guardduty:GetAdministratorAccount": fixed(`{"administrator":{"accountId":"444455556666","invitationId":"84b9f1a2d0c34e7c9f6b5a1e2d3c4b5a","relationshipStatus":"Enabled","invitedAt":"2026-01-05T10:00:00.000Z"}}`),
		// The test server forgets the tags of a provider.
		"iam:GetSAMLProvider": func(parameters string) answer {
			if !strings.Contains(parameters, "saml-provider/lims-sso") {
				return answer{status: 404, body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>Could not find a SAML provider</Message></Error></ErrorResponse>`}
			}
			return answer{status: 200, body: `<GetSAMLProviderResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetSAMLProviderResult><SAMLProviderUUID>SAMLSPV2ZQ4EXAMPLE</SAMLProviderUUID>` +
				`<CreateDate>2026-11-02T08:00:00Z</CreateDate><ValidUntil>2036-01-01T00:00:00Z</ValidUntil><AssertionEncryptionMode>Required</AssertionEncryptionMode>` +
				`<PrivateKeyList><member><KeyId>KEYLIMSSSO0001EXAMPLE</KeyId><Timestamp>2026-11-02T08:00:00Z</Timestamp></member></PrivateKeyList>` +
				`<SAMLMetadataDocument>` + html.EscapeString(samlMetadata) + `</SAMLMetadataDocument>` +
				`<Tags><member><Key>System</Key><Value>LIMS</Value></member></Tags></GetSAMLProviderResult></GetSAMLProviderResponse>`}
		},
		// The test server makes certificates with a key that differs every time.
		"acm:DescribeCertificate":    certificateOr(certificateBody),
		"acm:ListTagsForCertificate": certificateOr(`{"Tags":[{"Key":"System","Value":"LIMS"},{"Key":"Role","Value":"web"}]}`),
		"acm:ListCertificates":       fixed(`{"CertificateSummaryList":[{"CertificateArn":"` + certificateARN + `","DomainName":"lims.example.com","Status":"ISSUED","Type":"AMAZON_ISSUED","KeyAlgorithm":"EC-prime256v1","InUse":true}]}`),
	})
}

// entries is a map in the XML of the query protocol.
func entries(pairs ...string) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		text += "<entry><key>" + pairs[i] + "</key><value>" + pairs[i+1] + "</value></entry>"
	}
	return text
}

// certificateOr answers for the one certificate, and refuses any other.
func certificateOr(body string) func(string) answer {
	return func(parameters string) answer {
		if strings.Contains(parameters, certificateARN) {
			return answer{status: 200, body: body}
		}
		return answer{status: 400, body: `{"__type":"ResourceNotFoundException","message":"Could not find certificate"}`}
	}
}

const certificateBody = `{"Certificate":{
	"CertificateArn":"` + certificateARN + `","DomainName":"lims.example.com","SubjectAlternativeNames":["lims.example.com","api.lims.example.com"],
	"DomainValidationOptions":[
		{"DomainName":"lims.example.com","ValidationDomain":"lims.example.com","ValidationStatus":"SUCCESS","ValidationMethod":"DNS",
		 "ResourceRecord":{"Name":"_3f1c.lims.example.com.","Type":"CNAME","Value":"_9ab2.acm-validations.aws."}},
		{"DomainName":"api.lims.example.com","ValidationDomain":"api.lims.example.com","ValidationStatus":"SUCCESS","ValidationMethod":"DNS",
		 "ResourceRecord":{"Name":"_77d0.api.lims.example.com.","Type":"CNAME","Value":"_c41e.acm-validations.aws."}}],
	"Serial":"0a:5f:1e:9c:33:7b:4d:20:86:e1:5a:cc:17:90:4b:d2","Subject":"CN=lims.example.com","Issuer":"Amazon",
	"CreatedAt":1767225600,"IssuedAt":1767226200,"NotBefore":1767225600,"NotAfter":1801353600,
	"Status":"ISSUED","KeyAlgorithm":"EC-prime256v1","SignatureAlgorithm":"SHA256WITHRSA",
	"InUseBy":["arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/lims/50dc6c495c0c9188"],
	"Type":"AMAZON_ISSUED","KeyUsages":[{"Name":"DIGITAL_SIGNATURE"}],
	"ExtendedKeyUsages":[{"Name":"TLS_WEB_SERVER_AUTHENTICATION","OID":"1.3.6.1.5.5.7.3.1"}],
	"RenewalEligibility":"ELIGIBLE","Options":{"CertificateTransparencyLoggingPreference":"ENABLED","Export":"DISABLED"}}}`
