/** A network without internet access: functions reach only the table, the archive and the queues. */
import { ArnFormat, Stack } from 'aws-cdk-lib'
import {
  FlowLogDestination,
  type GatewayVpcEndpoint,
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
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Buckets } from './stores/buckets.ts'
import type { Table } from './stores/table.ts'

type NetworkProps = {
  readonly logGroup: ILogGroup
  /** Adds an endpoint for SES. */
  readonly mail: boolean
  /** Availability zones of the endpoints; two chosen by AWS if undefined. */
  readonly zones: readonly string[] | undefined
}

const interfaceActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

export class Network extends Construct {
  /**
   * Rights that Lambda needs to attach a function to the network, and a denial of them to the function's own code (AWS
   * Lambda, "Giving Lambda functions access to resources in an Amazon VPC").
   */
  readonly attaching: readonly PolicyStatement[]
  readonly placement: {
    readonly vpc: IVpc
    readonly vpcSubnets: SubnetSelection
    readonly securityGroups: ISecurityGroup[]
  }

  private readonly gateways: Readonly<Record<'s3' | 'dynamo', GatewayVpcEndpoint>>

  constructor(scope: Construct, id: string, { logGroup, mail, zones }: NetworkProps) {
    super(scope, id)
    const functionsOfAccount = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    this.attaching = [
      new PolicyStatement({ actions: interfaceActions, resources: ['*'] }),
      new PolicyStatement({
        effect: Effect.DENY,
        actions: interfaceActions,
        resources: ['*'],
        conditions: { ArnLike: { 'lambda:SourceFunctionArn': functionsOfAccount } },
      }),
    ]
    const vpc = new Vpc(this, 'Vpc', {
      ...(zones ? { availabilityZones: [...zones] } : { maxAzs: 2 }),
      natGateways: 0,
      subnetConfiguration: [{ name: 'functions', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
      flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs(logGroup) } },
      // The default group is unused, and emptying it would add a CDK function to the stack.
      restrictDefaultSecurityGroup: false,
      // CDK's types do not support exactOptionalPropertyTypes.
    }) as IVpc
    // Functions may open connections; inbound connections are denied.
    const functions = new SecurityGroup(this, 'Functions', {
      vpc,
      allowAllOutbound: false,
      description: 'Functions: to AWS services over TLS',
    })
    // Gateway endpoints have public addresses; there is no route to any other address.
    functions.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3, DynamoDB, SQS, KMS and Secrets Manager')
    this.gateways = {
      s3: vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 }),
      dynamo: vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB }),
    }
    const toEndpoints = new SecurityGroup(this, 'Endpoints', {
      vpc,
      allowAllOutbound: false,
      description: `Endpoints of ${Stack.of(this).stackName}: from the functions`,
    })
    toEndpoints.addIngressRule(functions, Port.tcp(443), 'From the functions')
    const open = (id: string, service: InterfaceVpcEndpointAwsService) =>
      vpc.addInterfaceEndpoint(id, { service, securityGroups: [toEndpoints], open: false })
    for (const [id, service, actions] of [
      ['Sqs', InterfaceVpcEndpointAwsService.SQS, 'sqs:*'],
      ['Secrets', InterfaceVpcEndpointAwsService.SECRETS_MANAGER, 'secretsmanager:*'],
      ['Keys', InterfaceVpcEndpointAwsService.KMS, 'kms:*'],
    ] as const) {
      open(id, service).addToPolicy(this.ownOnly([actions], ['*']))
    }
    // AWS's table does not show whether the SES endpoint accepts a policy for the API, so it keeps AWS's default; roles
    // limit it.
    if (mail) open('Mail', InterfaceVpcEndpointAwsService.EMAIL)
    this.placement = {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [functions],
    }
  }

  /** Limits the endpoints of S3 and DynamoDB to the stack's buckets and table. */
  leadOnlyTo({ table, buckets }: { readonly table: Table; readonly buckets: Buckets }): void {
    const { archive, drop, plates } = buckets
    const places = [archive, drop, plates].flatMap((bucket) => [bucket.bucketArn, bucket.arnForObjects('*')])
    this.gateways.s3.addToPolicy(this.ownOnly(['s3:*'], places))
    this.gateways.dynamo.addToPolicy(this.ownOnly(['dynamodb:*'], [table.tableArn]))
  }

  /** Endpoint policy: only roles of this account may act on resources of this account, even after a break-in. */
  private ownOnly(actions: string[], resources: string[]): PolicyStatement {
    const { account } = Stack.of(this)
    return new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions,
      resources,
      conditions: { StringEquals: { 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account } },
    })
  }
}
