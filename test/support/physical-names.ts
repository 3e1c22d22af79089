/**
 * Fills a template in as CloudFormation does, with names as long as it generates them: stack, logical id and 13 random
 * characters ("Name type": `stack123123123123-s3bucket-abcdefghijk1`), cut to what the service takes.
 */
import aws from './aws-limits.json' with { type: 'json' }
import type { Template } from './stack-here.ts'

const { limits } = aws
const account = '123456789012'
/** No region of the partition `aws` has a longer name; New Caledonia's is the nearest. */
const region = 'ap-southeast-2'
const uuid = '1234abcd-12ab-34cd-56ef-1234567890ab'

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Region': region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
}

const longestNames: Readonly<Record<string, number>> = {
  'AWS::IAM::Role': limits.roleName.limit,
  'AWS::IAM::ManagedPolicy': limits.policyName.limit,
  'AWS::Lambda::Function': limits.functionName.limit,
  'AWS::SQS::Queue': limits.queueName.limit,
  'AWS::S3::Bucket': limits.bucketName.limit,
  'AWS::Events::Rule': limits.ruleName.limit,
}

/** What comes before a name in an ARN. */
const arnStarts: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': `iam::${account}:role/`,
  'AWS::IAM::ManagedPolicy': `iam::${account}:policy/`,
  'AWS::Lambda::Function': `lambda:${region}:${account}:function:`,
  'AWS::SQS::Queue': `sqs:${region}:${account}:`,
  'AWS::S3::Bucket': 's3:::',
  'AWS::Events::Rule': `events:${region}:${account}:rule/`,
  'AWS::DynamoDB::Table': `dynamodb:${region}:${account}:table/`,
  'AWS::KMS::Key': `kms:${region}:${account}:key/`,
  'AWS::SNS::Topic': `sns:${region}:${account}:`,
  'AWS::SecretsManager::Secret': `secretsmanager:${region}:${account}:secret:`,
  'AWS::Logs::LogGroup': `logs:${region}:${account}:log-group:`,
  'AWS::Cognito::UserPool': `cognito-idp:${region}:${account}:userpool/`,
  'AWS::Scheduler::ScheduleGroup': `scheduler:${region}:${account}:schedule-group/`,
  'AWS::CloudWatch::Alarm': `cloudwatch:${region}:${account}:alarm:`,
}

/** Identifiers that are not made of the resource's name. */
const identifiers: Readonly<Record<string, string>> = {
  'AWS::KMS::Key': uuid,
  'AWS::ApiGatewayV2::Api': 'a1b2c3d4e5',
  'AWS::ApiGatewayV2::Integration': 'a1b2c3d',
  'AWS::ApiGatewayV2::Authorizer': 'a1b2c3',
  'AWS::Cognito::UserPool': `${region}_AbCdEfGhI`,
  'AWS::Cognito::UserPoolClient': '1a2b3c4d5e6f7g8h9i0j1k2l3m',
  'AWS::Lambda::EventSourceMapping': uuid,
}

const referredByArn = ['AWS::SecretsManager::Secret', 'AWS::SNS::Topic', 'AWS::IAM::ManagedPolicy']

export const physical = ({ Resources }: Template, stackName: string) => {
  const typeOf = (id: string): string => {
    const type = Resources[id]?.Type
    if (type === undefined) throw new Error(`${id} is not in the template`)
    return type
  }
  const nameOf = (id: string): string => {
    const type = typeOf(id)
    const name = `${stackName}-${id}-AbCdEfGhIjKlM`.slice(0, longestNames[type])
    return identifiers[type] ?? (type === 'AWS::S3::Bucket' ? name.toLowerCase() : name)
  }
  const arnOf = (id: string): string => {
    const start = arnStarts[typeOf(id)]
    if (start === undefined) throw new Error(`an ARN of ${id} (${typeOf(id)}) is not known here`)
    const ending = { 'AWS::SecretsManager::Secret': '-AbCdEf', 'AWS::Logs::LogGroup': ':*' }[typeOf(id)] ?? ''
    return `arn:aws:${start}${nameOf(id)}${ending}`
  }
  const referred = (id: string): string => {
    const known = pseudo[id]
    if (known !== undefined) return known
    if (typeOf(id) === 'AWS::SQS::Queue') return `https://sqs.${region}.amazonaws.com/${account}/${nameOf(id)}`
    return referredByArn.includes(typeOf(id)) ? arnOf(id) : nameOf(id)
  }
  const attribute = (id: string, name: string): string => {
    switch (name) {
      case 'Arn':
        return arnOf(id)
      case 'QueueName':
        return nameOf(id)
      case 'ApiEndpoint':
      case 'RegionalDomainName':
        return `https://${nameOf(id).slice(0, 12)}.execute-api.${region}.amazonaws.com`
      case 'ProviderURL':
        return `https://cognito-idp.${region}.amazonaws.com/${nameOf(id)}`
      case 'GroupId':
        return 'sg-0123456789abcdef0'
      default:
        throw new Error(`${name} of ${id} is not known here`)
    }
  }
  /** Any part of the template; what is not known here is an error, never a guess. */
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve)
    if (value === null || typeof value !== 'object') return value
    const [[how = '', what] = []] = Object.entries(value)
    if (how !== 'Ref' && !how.startsWith('Fn::'))
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one)]))
    switch (how) {
      case 'Ref':
        return referred(what)
      case 'Fn::GetAtt':
        return attribute(what[0], what[1])
      case 'Fn::Join':
        return (what[1] as unknown[]).map(resolve).join(what[0])
      case 'Fn::Sub':
        return String(what).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => {
          const [id = '', of] = name.split('.')
          return of === undefined ? referred(id) : attribute(id, of)
        })
      case 'Fn::Split':
        return String(resolve(what[1])).split(what[0])
      case 'Fn::Select':
        return (resolve(what[1]) as unknown[])[Number(what[0])]
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((zone) => `${region}${zone}`)
      default:
        throw new Error(`${how} is not known here`)
    }
  }
  return { resolve, nameOf }
}
