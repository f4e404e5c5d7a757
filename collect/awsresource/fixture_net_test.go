package awsresource_test

import (
	"maps"
	"regexp"
	"strings"
)

func init() {
	maps.Copy(fixtures, map[string]func(string) answer{
		"ec2:DescribeVpnConnections":      vpnConnections,
		"ec2:DescribeLockedSnapshots":     lockedSnapshots,
		"ssm:DescribeInstanceInformation": managedInstances,
		// Of one that is not there moto shows all others, or names another type.
		"ec2:DescribeKeyPairs":    missing(`key-[0-9a-f]*0000"`, "InvalidKeyPair.NotFound", "key pair"),
		"ec2:DescribeNetworkAcls": missing(`acl-[0-9a-f]*0000"`, "InvalidNetworkAclID.NotFound", "networkAcl ID"),
	})
}

// missing answers for an id that matches; all others are moto's to answer.
func missing(pattern, code, what string) func(string) answer {
	return func(parameters string) answer {
		id := regexp.MustCompile(pattern).FindString(parameters)
		if id == "" {
			return answer{}
		}
		return answer{status: 400, body: refusedByEC2(code, "The "+what+" '"+strings.TrimSuffix(id, `"`)+"' does not exist")}
	}
}

func refusedByEC2(code, message string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>` + code + `</Code><Message>` + message + `</Message></Error></Errors><RequestID>5d1b8f0e-3c07-4f6a-9f7e-2a5c9d417b63</RequestID></Response>`
}

const seededVPN = "vpn-0c4e7a2b9d1f63580"

// vpnConnections knows one connection with both tunnels up.
func vpnConnections(parameters string) answer {
	if strings.Contains(parameters, "vpn-") && !strings.Contains(parameters, seededVPN) {
		id := regexp.MustCompile(`vpn-[0-9a-f]+`).FindString(parameters)
		return answer{status: 400, body: refusedByEC2("InvalidVpnConnectionID.NotFound", "The vpnConnection ID '"+id+"' does not exist")}
	}
	return answer{status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>
<DescribeVpnConnectionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>8e3c1f52-7b9a-4d06-b1e8-60f2a97c5d34</requestId>
  <vpnConnectionSet>
    <item>
      <vpnConnectionId>` + seededVPN + `</vpnConnectionId>
      <state>available</state>
      <customerGatewayConfiguration>&lt;vpn_connection id="` + seededVPN + `"&gt;&lt;ipsec_tunnel&gt;&lt;ike&gt;&lt;pre_shared_key&gt;hunter2-vpn-key-1&lt;/pre_shared_key&gt;&lt;/ike&gt;&lt;/ipsec_tunnel&gt;&lt;/vpn_connection&gt;</customerGatewayConfiguration>
      <type>ipsec.1</type>
      <customerGatewayId>cgw-0f2d9b6a4c81e7035</customerGatewayId>
      <vpnGatewayId>vgw-06b3e8d1a5f7920c4</vpnGatewayId>
      <category>VPN</category>
      <gatewayAssociationState>associated</gatewayAssociationState>
      <tagSet>
        <item><key>System</key><value>LIMS</value></item>
        <item><key>Name</key><value>lims-plant</value></item>
      </tagSet>
      <vgwTelemetry>` + telemetry("52.28.14.201", "2026-10-30T04:11:52.000Z", 3) + telemetry("18.184.92.47", "2026-10-12T17:40:09.000Z", 4) + `</vgwTelemetry>
      <options>
        <enableAcceleration>false</enableAcceleration>
        <staticRoutesOnly>false</staticRoutesOnly>
        <localIpv4NetworkCidr>0.0.0.0/0</localIpv4NetworkCidr>
        <remoteIpv4NetworkCidr>0.0.0.0/0</remoteIpv4NetworkCidr>
        <outsideIpAddressType>PublicIpv4</outsideIpAddressType>
        <tunnelInsideIpVersion>ipv4</tunnelInsideIpVersion>
        <tunnelOptionSet>` + tunnel("52.28.14.201", "169.254.61.84/30", "hunter2-vpn-key-1") + tunnel("18.184.92.47", "169.254.203.12/30", "hunter2-vpn-key-2") + `</tunnelOptionSet>
      </options>
      <routes/>
    </item>
  </vpnConnectionSet>
</DescribeVpnConnectionsResponse>`}
}

func telemetry(address, since string, routes int) string {
	return `
        <item>
          <outsideIpAddress>` + address + `</outsideIpAddress>
          <status>UP</status>
          <lastStatusChange>` + since + `</lastStatusChange>
          <statusMessage>` + string(rune('0'+routes)) + ` BGP ROUTES</statusMessage>
          <acceptedRouteCount>` + string(rune('0'+routes)) + `</acceptedRouteCount>
        </item>`
}

func tunnel(address, inside, key string) string {
	return `
          <item>
            <outsideIpAddress>` + address + `</outsideIpAddress>
            <tunnelInsideCidr>` + inside + `</tunnelInsideCidr>
            <preSharedKey>` + key + `</preSharedKey>
            <phase1LifetimeSeconds>28800</phase1LifetimeSeconds>
            <phase2LifetimeSeconds>3600</phase2LifetimeSeconds>
            <dpdTimeoutSeconds>30</dpdTimeoutSeconds>
            <dpdTimeoutAction>restart</dpdTimeoutAction>
            <startupAction>start</startupAction>
            <phase1EncryptionAlgorithmSet><item><value>AES256</value></item><item><value>AES256-GCM-16</value></item></phase1EncryptionAlgorithmSet>
            <phase2EncryptionAlgorithmSet><item><value>AES256-GCM-16</value></item></phase2EncryptionAlgorithmSet>
            <phase1IntegrityAlgorithmSet><item><value>SHA2-384</value></item><item><value>SHA2-256</value></item></phase1IntegrityAlgorithmSet>
            <phase2IntegrityAlgorithmSet><item><value>SHA2-256</value></item></phase2IntegrityAlgorithmSet>
            <phase1DHGroupNumberSet><item><value>20</value></item><item><value>19</value></item></phase1DHGroupNumberSet>
            <phase2DHGroupNumberSet><item><value>20</value></item></phase2DHGroupNumberSet>
            <ikeVersionSet><item><value>ikev2</value></item></ikeVersionSet>
            <logOptions>
              <cloudWatchLogOptions>
                <logEnabled>true</logEnabled>
                <logGroupArn>arn:aws:logs:eu-central-1:111122223333:log-group:/lims/vpn</logGroupArn>
                <logOutputFormat>json</logOutputFormat>
              </cloudWatchLogOptions>
            </logOptions>
          </item>`
}

// managedInstances manages every instance that is asked for.
func managedInstances(parameters string) answer {
	id := regexp.MustCompile(`i-[0-9a-f]+`).FindString(parameters)
	return answer{status: 200, body: `{"InstanceInformationList":[{"InstanceId":"` + id + `","PingStatus":"Online","LastPingDateTime":1793610011.417,
"AgentVersion":"3.3.2299.0","IsLatestVersion":true,"PlatformType":"Linux","PlatformName":"Amazon Linux","PlatformVersion":"2",
"ResourceType":"EC2Instance","IPAddress":"10.20.1.4","ComputerName":"ip-10-20-1-4.eu-central-1.compute.internal",
"AssociationStatus":"Success","LastAssociationExecutionDate":1793608530.0,"LastSuccessfulAssociationExecutionDate":1793608530.0,
"AssociationOverview":{"DetailedStatus":"Success","InstanceAssociationStatusAggregatedCount":{"Success":2}},
"SourceId":"` + id + `","SourceType":"AWS::EC2::Instance"}]}`}
}

// lockedSnapshots has a lock on every snapshot that is asked for.
func lockedSnapshots(parameters string) answer {
	id := regexp.MustCompile(`snap-[0-9a-f]+`).FindString(parameters)
	return answer{status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>
<DescribeLockedSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>c2a97e41-58d0-4b3f-a6c9-0e71d4f8b925</requestId>
  <snapshotSet>
    <item>
      <ownerId>111122223333</ownerId>
      <snapshotId>` + id + `</snapshotId>
      <lockState>compliance</lockState>
      <lockDuration>3650</lockDuration>
      <lockCreatedOn>2026-11-02T08:00:00.000Z</lockCreatedOn>
      <lockDurationStartTime>2026-11-02T08:00:00.000Z</lockDurationStartTime>
      <lockExpiresOn>2036-10-30T08:00:00.000Z</lockExpiresOn>
    </item>
  </snapshotSet>
</DescribeLockedSnapshotsResponse>`}
}
