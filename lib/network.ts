/** A network without a way out: the functions reach the table, the archive and the queues in it, and nothing else. */
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
  /** Of the traffic. */
  readonly logGroup: ILogGroup
  /** A way to SES as well. */
  readonly mail: boolean
  /** Availability zones in which the endpoints' services are; two of AWS's choice where it is undefined. */
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
   * What a function's role must allow, so that Lambda can bring it into the network, and what is denied to the
   * function's own code, of which alone a request names its function: AWS Lambda, "Giving Lambda functions access to
   * resources in an Amazon VPC".
   */
  readonly attaching: readonly PolicyStatement[]
  /** Where a function lives in it. */
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
      // Nothing of ours uses the default group, and emptying it would take a function of the CDK's in this stack.
      restrictDefaultSecurityGroup: false,
      // CDK's own types are not written for exactOptionalPropertyTypes.
    }) as IVpc
    // The functions may open connections; none is opened to them.
    const functions = new SecurityGroup(this, 'Functions', {
      vpc,
      allowAllOutbound: false,
      description: 'Functions: to AWS services over TLS',
    })
    // Gateway endpoints have public addresses; no route leads to any other.
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
    // Whether SES's endpoint takes a policy AWS's table does not say for the API: it has AWS's own, and the roles bound
    // it.
    if (mail) open('Mail', InterfaceVpcEndpointAwsService.EMAIL)
    this.placement = {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [functions],
    }
  }

  /** Through the endpoints of S3 and DynamoDB only the stack's own buckets and table are reached. */
  leadOnlyTo({ table, buckets }: { readonly table: Table; readonly buckets: Buckets }): void {
    const { archive, drop, plates } = buckets
    const places = [archive, drop, plates].flatMap((bucket) => [bucket.bucketArn, bucket.arnForObjects('*')])
    this.gateways.s3.addToPolicy(this.ownOnly(['s3:*'], places))
    this.gateways.dynamo.addToPolicy(this.ownOnly(['dynamodb:*'], [table.tableArn]))
  }

  /**
   * An endpoint's policy: what leaves the network goes by roles of this account to what belongs to it, even after a
   * break-in.
   */
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
