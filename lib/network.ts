/** A network without a way out: the functions reach the table, the archive and the queues in it, and nothing else. */
import { Stack } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type ISecurityGroup,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'

export class Network extends Construct {
  /** What a function's role must allow, so that Lambda can bring it into the network. */
  readonly attaching = new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  })
  /** Where a function lives in it. */
  readonly placement: {
    readonly vpc: IVpc
    readonly vpcSubnets: SubnetSelection
    readonly securityGroups: ISecurityGroup[]
  }

  constructor(
    scope: Construct,
    id: string,
    { logGroup, mail }: { readonly logGroup: ILogGroup; readonly mail: boolean },
  ) {
    super(scope, id)
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
      flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs(logGroup) } },
      // Nothing of ours uses the default group, and emptying it would take a function of the CDK's in this stack.
      restrictDefaultSecurityGroup: false,
      // CDK's own types are not written for exactOptionalPropertyTypes.
    }) as IVpc
    // The functions may speak, and nobody speaks to them.
    const functions = new SecurityGroup(this, 'Functions', {
      vpc,
      allowAllOutbound: false,
      description: 'Functions: to AWS services over TLS',
    })
    // Gateway endpoints have public addresses; no route leads to any other.
    functions.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3, DynamoDB, SQS, KMS and Secrets Manager')
    vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 })
    vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB })
    const toEndpoints = new SecurityGroup(this, 'Endpoints', {
      vpc,
      allowAllOutbound: false,
      description: `Endpoints of ${Stack.of(this).stackName}: from the functions`,
    })
    toEndpoints.addIngressRule(functions, Port.tcp(443), 'From the functions')
    for (const [id, service] of [
      ['Sqs', InterfaceVpcEndpointAwsService.SQS],
      ['Secrets', InterfaceVpcEndpointAwsService.SECRETS_MANAGER],
      ['Keys', InterfaceVpcEndpointAwsService.KMS],
      ...(mail ? ([['Mail', InterfaceVpcEndpointAwsService.EMAIL]] as const) : []),
    ] as const) {
      vpc.addInterfaceEndpoint(id, { service, securityGroups: [toEndpoints], open: false })
    }
    this.placement = {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [functions],
    }
  }
}
