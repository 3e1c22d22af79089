/** Reads and checks the settings of a stage from cdk.json and `-c name=value`. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs'
import * as z from 'zod'
import { markings } from '../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territories } from '../lambdas/domain/core/place/territory.ts'
import { scheduledCadences } from '../lambdas/domain/core/time/period.ts'

/** Lists every unusable setting with the accepted values. */
export class SettingsError extends Error {
  override name = 'SettingsError'
}

/** On the CDK's command line: `-c vigie:first-deployment=true`. */
export const firstDeploymentFlag = 'vigie:first-deployment'

const codes = territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]
const retentions = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days < 9999)

const isDistinct = (all: readonly unknown[]): boolean => new Set(all).size === all.length

/** `-c territories=NC,PF` is text; cdk.json has a list. */
const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((one) => one.trim()) : value),
    z.array(item).min(1).refine(isDistinct, 'names something twice'),
  )

/** The form that OpenID Connect and API Gateway ("Create a JWT authorizer") require. */
const issuer = z
  .string()
  .regex(
    /^https:\/\/[^\s?#@]+$/,
    'must be an https address without a query or fragment, as the claim iss of its tokens has it',
  )

const domain = z.strictObject({
  name: z
    .string()
    .regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a domain such as reports.example.org')
    .describe('Without https:// and without a path'),
  certificate: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/, 'must be the ARN of a certificate in ACM')
    .optional()
    .describe('Its ACM certificate in the stack’s region; omitted if a proxy of yours serves the domain'),
})

/** Limits of SQS event sources. */
const atOnce = z.int().min(2).max(1000)

/** Settings of a stage, as `cdk.json` has them. */
export const settingsSchema = z.strictObject({
  territories: listOf(z.enum(codes)).default(codes).describe('Territories with scheduled reports'),
  cadences: listOf(z.enum(scheduledCadences))
    .default([...scheduledCadences])
    .describe('How often'),
  alarmMail: z.email('must be a mail address').optional().describe('Address for alarms'),
  mail: z
    .strictObject({
      from: z.email('must be a mail address').describe('Sender: an address of a domain verified in SES'),
      domain: domain.optional().describe('Custom domain of links in mails'),
    })
    .optional()
    .describe('Mail delivery; off if omitted'),
  api: z
    .strictObject({
      issuer: issuer.optional().describe('Issuer of tokens; without it, requests are signed by roles of the account'),
      audience: z.array(z.string().min(1)).min(1).optional().describe('Accepted audiences of tokens'),
      roleClearance: z.enum(markings).default('TLP:AMBER').describe('Highest marking that roles may read'),
      domain: domain.optional().describe('Custom domain of the API'),
    })
    .refine(
      ({ issuer, audience }) => (issuer === undefined) === (audience === undefined),
      'takes issuer and audience together',
    )
    .optional()
    .describe('The API, by default for roles of the account; false turns it off'),
  room: z
    .strictObject({
      domain: domain.optional().describe('Custom domain of the room'),
      issuer: issuer.optional().describe('OpenID Connect issuer; without it, a Cognito user pool is created'),
      clientId: z.string().min(1).optional().describe('Client id at the issuer'),
      clientSecret: z
        .string()
        .regex(
          /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/,
          'must be the ARN of a secret, whole',
        )
        .optional()
        .describe('ARN of the client’s secret, if it has one'),
      signOutUrl: z
        .url({ protocol: /^https$/, error: 'must be an https address' })
        .optional()
        .describe('Sign-out address of the issuer'),
    })
    .refine(
      ({ issuer, clientId }) => (issuer === undefined) === (clientId === undefined),
      'takes issuer and clientId together',
    )
    .refine(
      ({ issuer, clientSecret, signOutUrl }) => issuer !== undefined || !(clientSecret ?? signOutUrl),
      'takes clientSecret and signOutUrl of an issuer of your own',
    )
    .optional()
    .describe('The reading room, by default with a Cognito user pool; false turns it off'),
  tags: z
    .record(z.string().regex(/^(?!aws:)[\w .:/=+@-]{1,128}$/, 'is no name for a tag'), z.string().max(256))
    .refine((tags) => !('app' in tags || 'stage' in tags), 'app and stage are set already')
    .default({})
    .describe('Tags on all resources, in addition to app and stage'),
  house: z
    .string()
    .regex(/(^|[/\\])vigie\.json$/, 'must be the path of a file vigie.json')
    .optional()
    .describe('Path of the organisation’s vigie.json, with its logo next to it'),
  objectLockDays: z
    .int()
    .min(1)
    .max(36_500)
    .optional()
    .describe('Days of object lock (governance mode) on archived objects'),
  kmsKey: z
    .string()
    .regex(/^(?:create|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+)$/, 'must be "create" or the ARN of a KMS key')
    .optional()
    .describe('"create" or the ARN of a KMS key, instead of AWS’s keys'),
  backupVault: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:backup:[a-z0-9-]+:\d{12}:backup-vault:(?!Default$)[\w-]{2,50}$/,
      'must be the ARN of a backup vault other than Default, which takes no copies of other accounts',
    )
    .optional()
    .describe('ARN of a backup vault in another account, which receives a daily copy of the table'),
  vpc: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          zones: z
            .array(z.string().regex(/^[a-z0-9-]+[a-z]$/))
            .min(1)
            .max(3),
        }),
      ],
      {
        error: 'must be true, false, or {"zones": [...]} with one to three availability zones of the region',
      },
    )
    .refine((vpc) => typeof vpc === 'boolean' || isDistinct(vpc.zones), {
      path: ['zones'],
      error: 'names something twice: each zone gets one subnet',
    })
    .default(false)
    .describe('Run the functions in a network without internet access, in two zones or in those listed'),
  dryRun: z
    .boolean()
    .default(true)
    .describe('Each day, render the last report again, which shows whether the next one can be made; keeps nothing'),
  dashboard: z.boolean().default(false).describe('A CloudWatch dashboard'),
  budget: z
    .number()
    .positive()
    .optional()
    .describe('Dollars a month: alarmMail is notified when the forecast bill exceeds it'),
  logRetentionDays: z
    .int()
    .refine((days) => retentions.includes(days), `must be one of ${retentions.join(', ')}`)
    .default(90),
  concurrency: z
    .strictObject({
      // With the two of feedback these use the ten of a new account.
      generate: atOnce.default(4),
      ingest: atOnce.default(2),
      deliver: atOnce.default(2),
      reserve: z.boolean().default(false).describe('Reserve the concurrency of generate and ingest'),
    })
    .prefault({})
    .describe('Maximum concurrent executions'),
})

/** Checked again in lambdas/config/env.ts. */
const stageForm = /^[a-z][a-z0-9-]{0,19}$/

export type Settings = z.output<typeof settingsSchema> & { readonly stage: string }

export type Domain = z.output<typeof domain>

/** On by default: idle, each costs an alarm, and the room a secret. */
const onByDefault = ['api', 'room'] as const

/**
 * @param context the CDK's context: `stage`, `stages` with their settings, and single settings, which override
 * @param region deployment region such as `eu-west-3`, if known
 * @param account deployment account, if known
 * @throws SettingsError listing all faults
 */
export const readSettings = (
  context: Readonly<Record<string, unknown>>,
  region?: string,
  account?: string,
): Settings => {
  const stages = z.record(z.string().regex(stageForm), z.looseObject({})).safeParse(context.stages)
  if (!stages.success) {
    throw new SettingsError(
      `cdk.json: context.stages must be an object with one entry for each stage, such as {"prod": {}}; a stage has at most 20 letters a-z, digits and -`,
    )
  }
  const stage = context.stage
  if (typeof stage !== 'string' || !Object.hasOwn(stages.data, stage)) {
    const known = Object.keys(stages.data).join(', ')
    throw new SettingsError(
      `no stage ${JSON.stringify(stage)} in cdk.json, which has ${known}: give -c stage=NAME, or add it to context.stages`,
    )
  }
  const given = Object.fromEntries(
    Object.entries(context)
      .filter(([name]) => isSettingName(name))
      .map(([name, value]) => [name, written(value)]),
  )
  const read = settingsSchema.safeParse(turnedOnOrOff({ ...stages.data[stage], ...given }))
  const faults = read.success
    ? faultsTogether({ ...read.data, stage }, region, account)
    : read.error.issues.map((issue) => faultOf(issue))
  if (read.success && faults.length === 0) return { ...read.data, stage }
  throw new SettingsError([`stage ${stage} cannot be deployed:`, ...faults.map((fault) => `  ${fault}`)].join('\n'))
}

/** Faults of settings that are valid alone but contradict each other. */
const faultsTogether = (
  settings: Settings,
  region: string | undefined,
  account: string | undefined,
): readonly string[] => {
  const { room, budget, alarmMail, backupVault, stage } = settings
  return [
    ...(budget !== undefined && alarmMail === undefined
      ? ['budget: alarmMail, the address for its alarms, is missing']
      : []),
    // The pool's address contains the stage's name, and Cognito reserves these words.
    ...(room && !room.issuer && /aws|amazon|cognito/.test(stage)
      ? [
          "room: a pool's name may not hold aws, amazon or cognito: call the stage otherwise, give an issuer, or room: false",
        ]
      : []),
    ...(account !== undefined && backupVault?.split(':')[4] === account
      ? [
          `backupVault: is of ${account}, the account of the stage, and would be lost with it: give a vault of another one`,
        ]
      : []),
    ...sharedNames(settings),
    ...strangers(settings, region),
  ]
}

/** A domain name exists once per account and region in API Gateway, and its DNS record leads to one API. */
const sharedNames = ({ mail, api, room }: Settings): readonly string[] => {
  const domains = Object.entries({ mail, api, room }).flatMap(([where, setting]) =>
    setting?.domain ? [{ where, ...setting.domain }] : [],
  )
  return domains.flatMap(({ where, name, certificate }, index) => {
    const earlier = domains.slice(0, index).find((one) => one.name === name)
    return earlier && (certificate ?? earlier.certificate)
      ? [
          `${where}.domain.name: ${name} is the name of ${earlier.where}.domain too: give each its own name, or leave out certificate in both where your own proxy is in front of them`,
        ]
      : []
  })
}

/**
 * Resources of another region than the stage. AWS requires the stage's region for certificates ("Set up a Regional
 * custom domain name in API Gateway"), KMS keys ("KMS keys are Regional") and secrets.
 * @param region deployment region; if unknown, all must share one region
 */
const strangers = (settings: Settings, region: string | undefined): readonly string[] => {
  const { kmsKey, mail, api, room, vpc } = settings
  const certificateFix = (home: string) => `request or import the certificate in ACM in ${home}`
  const named = [
    {
      where: 'kmsKey',
      name: kmsKey === 'create' ? undefined : kmsKey,
      fix: (home: string) => `give a key of ${home}; of a multi-Region key, its replica there`,
    },
    { where: 'mail.domain.certificate', name: mail?.domain?.certificate, fix: certificateFix },
    { where: 'api.domain.certificate', name: api?.domain?.certificate, fix: certificateFix },
    { where: 'room.domain.certificate', name: room?.domain?.certificate, fix: certificateFix },
    {
      where: 'room.clientSecret',
      name: room?.clientSecret,
      fix: (home: string) =>
        `aws secretsmanager replicate-secret-to-regions makes its replica in ${home}: give the ARN of that`,
    },
    ...(typeof vpc === 'object' ? vpc.zones : []).map((name) => ({
      where: 'vpc.zones',
      name,
      fix: (home: string) => `aws ec2 describe-availability-zones --region ${home} names those`,
    })),
  ].flatMap(({ where, name, fix }) => (name === undefined ? [] : [{ where, fix, region: regionOf(name) }]))
  const [first] = named
  if (!first) return []
  const home = region ?? first.region
  const why = region === undefined ? `${first.where} is of ${home}` : `the stage is deployed to ${home}`
  const faults = named
    .filter((one) => one.region !== home)
    .map((one) => `${one.where}: is of ${one.region}, and ${why}: ${one.fix(home)}`)
  return [...new Set(faults)]
}

/** @param name an ARN, or an availability zone such as `eu-west-3a` or `us-west-2-lax-1a` */
const regionOf = (name: string): string =>
  name.startsWith('arn:') ? (name.split(':')[3] ?? '') : (/^[a-z]+(?:-[a-z]+)+?-\d+/.exec(name)?.[0] ?? name)

/** `false` turns off; `true` or a missing value means the defaults. */
const turnedOnOrOff = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const settled: Record<string, unknown> = { ...given }
  for (const name of onByDefault) {
    const value = given[name] ?? true
    if (value === true) settled[name] = {}
    if (value === false) delete settled[name]
  }
  return settled
}

/** The CDK's own context names contain punctuation; plain words are ours, so misspelt ones are reported. */
const isSettingName = (name: string): boolean => /^[a-zA-Z]+$/.test(name) && name !== 'stage' && name !== 'stages'

/** Command-line values are text: 30, true and {"generate":20} are read as JSON. */
const written = (value: unknown): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const faultOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'unrecognized_keys') {
    const place = issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''
    const known = place ? '' : `: there are ${Object.keys(settingsSchema.shape).join(', ')}`
    return `${place}no setting ${issue.keys.join(', ')}${known}`
  }
  return `${issue.path.join('.')}: ${issue.message}`
}
