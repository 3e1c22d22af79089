/**
 * Rights as AWS enforces them: each request to a stand-in is answered with AccessDenied where the stack's policies do
 * not allow it.
 */
import { appendFile } from 'node:fs/promises'
import type { Answered, Asked, Interceptor } from '../proxy.ts'
import { type Context, type Decision, decide, type Statement } from './decide.ts'
import { mutantsOf } from './mutants.ts'
import { account, type Resources, type Rights, rightsOf } from './policies.ts'
import { bucketOr, type Call, callsIn, keyCalls, signerOf } from './requests.ts'

/** The access key of the tests themselves, and of what sets the stand-ins up: it may do everything. */
export const testKey = 'test'

/** One leave that was asked for, as far as rights tell requests apart. */
export type Asking = {
  /** The logical id of a function or of a managed policy. */
  readonly who: string
  readonly action: string
  /** A logical id, with what of the key the grants go by; an ARN of what is not in the stack. */
  readonly on: string
  readonly context: Context
}

type Enforced = {
  readonly interceptor: Interceptor
  /** Everything that was denied, a line each: what a test that knows of no denial looks at. */
  readonly denied: string[]
}

/** The file to which every process adds the leaves that it saw asked for and given, a line of JSON each. */
export const recordVariable = 'VIGIE_RIGHTS_RECORD'

type Caller = {
  readonly principal: string
  readonly statements: readonly Statement[]
  byEndpoint(service: string): readonly Statement[] | undefined
}

/**
 * What the policies of a template say to a call of a function, a role or a managed policy, by its logical id, or of a
 * service.
 */
export const decider = (rights: Rights) => {
  const callers = new Map<string, Caller>()
  const callerOf = (who: string): Caller => {
    const known = callers.get(who)
    if (known) return known
    const type = rights.resources[who]?.Type
    const isFunction = type === 'AWS::Lambda::Function'
    const id = isFunction ? rights.roleOf(who) : who
    const caller: Caller = {
      principal: type === undefined ? who : rights.arnOf(id),
      statements: type === undefined ? [] : rights.statementsOf(id),
      byEndpoint: (service) => (isFunction ? rights.endpointOf(who, service) : undefined),
    }
    callers.set(who, caller)
    return caller
  }
  const one = (who: string, { action, resource, context }: Call): Decision => {
    const { principal, statements, byEndpoint } = callerOf(who)
    const policies = { identity: statements, resource: rights.policyOf(bucketOr(resource)) }
    const always = { 'aws:SecureTransport': 'true', 'aws:PrincipalAccount': account, 'aws:ResourceAccount': account }
    // Of a function's own code a request names its function; what Lambda asks in its name does not.
    const ofCode = rights.resources[who]?.Type === 'AWS::Lambda::Function' && {
      'lambda:SourceFunctionArn': rights.arnOf(who),
    }
    const request = { principal, action, resource, context: { ...always, ...ofCode, ...context } }
    const decision = decide(request, policies, account)
    // A key is used by the service that keeps something under it, from outside the network.
    if (!decision.allowed || 'kms:ViaService' in context) return decision
    const [service = ''] = action.split(':')
    const endpoint = byEndpoint(service === 'ses' ? 'email' : service)
    if (!endpoint) return decision
    const byPolicy = decide(request, { identity: [], resource: endpoint }, account)
    return byPolicy.allowed ? decision : { allowed: false, why: `the endpoint: ${byPolicy.why}` }
  }
  /**
   * The first denial, of the call itself or of the key that it needs; or that it is allowed. A service says itself what
   * it needs.
   */
  return (who: string, call: Call): { readonly call: Call; readonly decision: Decision } => {
    const isOurs = ['AWS::Lambda::Function', 'AWS::IAM::ManagedPolicy'].includes(rights.resources[who]?.Type ?? '')
    for (const needed of isOurs ? [call, ...keyCalls(call, rights)] : [call]) {
      const decision = one(who, needed)
      if (!decision.allowed) return { call: needed, decision }
    }
    return { call, decision: { allowed: true, why: '' } }
  }
}

/** A grant that a run is to do without, in the words of a mutant: the tests must notice. */
export const withoutVariable = 'VIGIE_RIGHTS_WITHOUT'

const lessened = (resources: Resources): Resources => {
  const wanted = process.env[withoutVariable]
  if (wanted === undefined) return resources
  return mutantsOf(resources).find(({ without }) => without === wanted)?.resources ?? resources
}

export const enforcing = (given: Resources): Enforced => {
  const resources = lessened(given)
  const rights = rightsOf(resources)
  const asks = decider(rights)
  const denied: string[] = []
  const recorded = new Set<string>()
  const record = async (who: string, call: Call): Promise<void> => {
    const file = process.env[recordVariable]
    if (file === undefined) return
    const line = JSON.stringify(askingOf(who, call, rights))
    if (recorded.has(line)) return
    recorded.add(line)
    await appendFile(file, `${line}\n`)
  }
  const judge = async (who: string, call: Call): Promise<Answered | undefined> => {
    const { call: needed, decision } = asks(who, call)
    if (decision.allowed) {
      await record(who, call)
      return undefined
    }
    const line = `${who} may not ${needed.action} on ${needed.resource} ${JSON.stringify(needed.context)}: ${decision.why}`
    denied.push(line)
    return refusal(needed, `arn:aws:sts::${account}:assumed-role/${who}`)
  }
  /** What cannot be judged is denied, and told. */
  const callsHere = (asked: Asked): readonly Call[] | undefined => {
    try {
      return callsIn(asked, rights)
    } catch (error) {
      denied.push(`${asked.method} ${asked.url} cannot be judged: ${error}`)
      return undefined
    }
  }
  const interceptor: Interceptor = async (asked, through) => {
    const who = signerOf(asked)
    if (who === testKey) return through(asked)
    if (who === undefined || !(who in resources)) {
      denied.push(`${who ?? 'somebody who did not sign'} asked ${asked.method} ${asked.url}`)
      return unsigned
    }
    const calls = callsHere(asked)
    if (calls === undefined) return unsigned
    for (const call of calls) {
      const refused = await judge(who, call)
      if (refused) return asked.method === 'HEAD' ? { ...refused, body: '' } : refused
    }
    const answer = await through(asked)
    const [first] = calls
    if (answer.status !== 404 || !first || !/^s3:(Get|Head)Object/.test(first.action)) return answer
    // Whoever may not list a bucket is not told that something is not there: AWS, "GetObject", permissions.
    const list: Call = { action: 's3:ListBucket', resource: bucketOr(first.resource), context: {} }
    return (await judge(who, list)) ?? answer
  }
  return { interceptor, denied }
}

/** No grant goes by them. */
const untold = ['ses:Recipients']

/** With keys cut to what the grants go by: the word before `#`, and the folder of an object. */
const askingOf = (who: string, { action, resource, context }: Call, rights: Rights): Asking => {
  const keys = context['dynamodb:LeadingKeys']
  const shortened = Array.isArray(keys) ? [...new Set(keys.map((key: string) => key.replace(/#.*/s, '#x')))].sort() : []
  const told = Object.entries(context).filter(([key]) => !untold.includes(key))
  return {
    who,
    action,
    on: placeOf(resource, rights),
    context: { ...Object.fromEntries(told), ...(shortened.length > 0 && { 'dynamodb:LeadingKeys': shortened }) },
  }
}

/** A logical id, with the folder of an object; the ARN of what is in no stack. */
const placeOf = (resource: string, rights: Rights): string => {
  if (resource === storageKeyIn(rights)) return storageKey
  const id = rights.idOf(bucketOr(resource))
  if (id === undefined) {
    return resource.replace(/identity\/.*@/, 'identity/x@').replace(/event-source-mapping:.*/, 'event-source-mapping:x')
  }
  const [, folder] = /^arn:aws:s3:::[^/]+\/(results\/posts|[^/]+)/.exec(resource) ?? []
  return folder === undefined ? id : `${id}/${folder}/x`
}

/** Stands for the key under which a stack keeps everything, made or given. */
const storageKey = 'the storage key'

const storageKeyIn = ({ resources, keyOf }: Rights): string | undefined => {
  const [table] = Object.entries(resources).find(([, { Type }]) => Type === 'AWS::DynamoDB::Table') ?? []
  return table === undefined ? undefined : keyOf(table)
}

/** The call of an asking, in the template that says where things are; undefined where it has no such thing. */
export const callOf = ({ action, on, context }: Asking, rights: Rights): Call | undefined => {
  if (on === storageKey) {
    const resource = storageKeyIn(rights)
    return resource === undefined ? undefined : { action, resource, context }
  }
  if (on.startsWith('arn:') || on === '*') return { action, resource: on, context }
  const [id = '', ...key] = on.split('/')
  if (!(id in rights.resources)) return undefined
  return { action, resource: [rights.arnOf(id), ...key].join('/'), context }
}

const json = (status: number, type: string, message: string): Answered => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: type, message, Message: message }),
})

const xml = (status: number, body: string): Answered => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body,
})

/** As each service says it. */
const refusal = ({ action, resource }: Call, principal: string): Answered => {
  const message = `User: ${principal} is not authorized to perform: ${action} on resource: ${resource}`
  if (action.startsWith('s3:')) return s3Denied(message)
  if (action.startsWith('ses:')) return json(403, 'AccessDeniedException', message)
  if (action.startsWith('cloudformation:')) {
    const error = `<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error>`
    return xml(403, `<ErrorResponse>${error}</ErrorResponse>`)
  }
  return json(400, 'com.amazon.coral.service#AccessDeniedException', message)
}

const s3Denied = (message: string): Answered =>
  xml(
    403,
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`,
  )

const unsigned = s3Denied('Access Denied')
