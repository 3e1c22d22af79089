/** Builds the OpenAPI 3.1 document from the schemas that check requests. */
import * as z from 'zod'
import { program } from '../../config/program.ts'
import type { Scope } from '../../domain/access/caller.ts'
import { capitalised } from '../../domain/core/language/language.ts'
import { pemType } from '../shared/problem-pages.ts'
import { type ApiProblem, apiProblemNames, problems } from '../shared/problems.ts'
import * as schemas from './schemas.ts'

type Operation = {
  readonly method: 'get' | 'post' | 'patch'
  readonly path: string
  readonly id: string
  readonly summary: string
  readonly scope: Scope | undefined
  readonly query?: z.ZodObject
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown; readonly types?: readonly string[] }
  readonly answer: {
    readonly status: number
    readonly about: string
    readonly schema?: z.ZodType
    /** Content type of an answer that is not JSON. */
    readonly type?: string
    readonly headers?: readonly string[]
    /** Other good answers with the same headers, by status. */
    readonly others?: Readonly<Record<number, string>>
  }
  /** In addition to those of every body, query and caller. */
  readonly problems?: readonly ApiProblem[]
}

const detection = {
  id: 'burst-1',
  detector: 'my detector',
  kind: 'copy-paste',
  title: { fr: 'Salve de messages identiques', en: 'Burst of identical posts' },
  territories: ['NC'],
  observed: { from: '2024-05-15T01:00:00Z', to: '2024-05-15T02:00:00Z' },
  platforms: ['X'],
  counts: { posts: 240, accounts: 31 },
  marking: 'TLP:GREEN',
}

const plate = {
  bytes: 48_000,
  by: 'C. Morel',
  masks: [{ x: 100, y: 200, width: 40, height: 40 }],
  caption: { fr: 'Six personnes devant un magasin', en: 'Six people outside a shop' },
  alt: { fr: 'Six personnes, visages masqués', en: 'Six people, faces masked' },
  source: 'X',
  date: '2024-05-15',
  marking: 'TLP:AMBER',
}

const versionPath = '/reports/{territory}/{period}/{cap}/{version}'
const onVersion: readonly ApiProblem[] = ['not-found', 'recalled']

/** Acts on detections also need detections:read, since they show whether a detection is stored. */
const acted = {
  scope: 'detections:write',
  headers: {
    'If-Match': 'Its ETag, or * for any',
    'Idempotency-Key': 'The same key, path and body get the first answer, and nothing is done twice',
  },
  answer: { status: 200, about: 'The outcome', schema: schemas.actAnswer, headers: ['ETag'] },
  problems: ['key-reused', 'not-found', 'conflict', 'changed', 'unconditional'],
} as const

export const operations: readonly Operation[] = [
  {
    ...{ method: 'post', path: '/reports', id: 'requestReport', scope: 'reports:create' },
    summary: 'Ask for a report; it is made by a job',
    headers: { 'Idempotency-Key': 'The same key with the same body is the same job' },
    body: { schema: schemas.reportRequest, example: { territory: 'NC', period: '2024-W20' } },
    answer: { status: 202, about: 'The job', schema: schemas.jobAnswer, headers: ['Location', 'Retry-After'] },
    problems: ['key-reused', 'too-many'],
  },
  {
    ...{ method: 'get', path: '/jobs/{id}', id: 'getJob', scope: 'reports:read' },
    summary: 'The outcome of a job',
    answer: { status: 200, about: 'The job', schema: schemas.jobAnswer },
    problems: ['not-found'],
  },
  {
    ...{ method: 'get', path: '/reports', id: 'listReports', scope: 'reports:read' },
    summary: 'The archive, by the instant of each version, the newest first',
    query: schemas.archiveQuery,
    answer: { status: 200, about: 'A page of versions', schema: schemas.archivePage },
  },
  {
    ...{ method: 'get', path: versionPath, id: 'getVersion', scope: 'reports:read' },
    summary: 'A version with its files; `latest` is the current one',
    answer: { status: 200, about: 'The manifest, and where its files are', schema: schemas.versionAnswer },
    problems: onVersion,
  },
  {
    ...{ method: 'get', path: `${versionPath}/changes`, id: 'getChanges', scope: 'reports:read' },
    summary: 'What changed since the version before',
    answer: { status: 200, about: 'The changes', schema: schemas.changesAnswer },
    problems: onVersion,
  },
  {
    ...{ method: 'get', path: `${versionPath}/files/{name}`, id: 'getFile', scope: 'reports:read' },
    summary:
      'A file of a version, manifest.json and manifest.sig too: leads to an address that is good for some minutes',
    answer: { status: 302, about: 'Where the file is', headers: ['Location'] },
    problems: onVersion,
  },
  {
    ...{ method: 'get', path: '/stix', id: 'listStix', scope: 'reports:read' },
    summary: 'STIX 2.1 files of versions, by the instant of publication, the oldest first, ten seconds later',
    query: schemas.stixQuery,
    answer: {
      ...{ status: 200, about: 'One bundle', type: schemas.stixType, headers: ['Link', 'X-TAXII-Date-Added-Last'] },
      others: { 302: 'Where the next version’s file is, if it has more than 3 MB' },
    },
  },
  {
    ...{ method: 'get', path: '/signing-key', id: 'getSigningKey', scope: 'reports:read' },
    summary: 'The public key that manifests are signed under',
    answer: { status: 200, about: 'It, in PEM', type: pemType },
  },
  {
    ...{ method: 'post', path: '/detections', id: 'sendDetections', scope: 'detections:write' },
    summary: 'Detections, at most 500 and 1 MB: JSON or MISP, an array, one a line, a STIX bundle or a table',
    query: schemas.sendQuery,
    body: {
      schema: z.looseObject({}).describe('A detection, by docs/reference/detection.schema.json; or an array of them'),
      example: detection,
      types: schemas.recordTypes,
    },
    answer: { status: 200, about: 'How many were received', schema: schemas.takenAnswer },
    problems: ['failed'],
  },
  {
    ...{ method: 'get', path: '/detections', id: 'listDetections', scope: 'detections:read' },
    summary: 'Stored detections, the newest first: those that this caller may know of',
    query: schemas.detectionsQuery,
    answer: { status: 200, about: 'A page of them', schema: schemas.detectionsAnswer },
  },
  {
    ...{ method: 'get', path: '/detections/{detection}', id: 'getDetection', scope: 'detections:read' },
    summary: 'One of them',
    headers: { 'If-None-Match': 'An ETag from before' },
    answer: {
      ...{ status: 200, about: 'It', schema: schemas.detectionAnswer, headers: ['ETag'] },
      others: { 304: 'It did not change' },
    },
    problems: ['not-found'],
  },
  {
    ...{ method: 'patch', path: '/detections/{detection}', id: 'correctDetection', ...acted },
    summary: 'Correct fields by a JSON merge patch (RFC 7396)',
    query: schemas.patchQuery,
    body: {
      ...{ schema: schemas.patchRequest, types: [schemas.patchType] },
      example: { counts: { posts: 260 }, title: { en: 'Burst of copied posts' } },
    },
  },
  {
    ...{ method: 'post', path: '/detections/{detection}/withdraw', id: 'withdrawDetection', ...acted },
    summary: 'Withdraw it from later reports',
    body: { schema: schemas.reasonRequest, example: { reason: 'A test of the detector' } },
  },
  {
    ...{ method: 'post', path: '/detections/{detection}/place', id: 'placeDetection', ...acted },
    summary: 'Give territories to one that has none',
    body: { schema: schemas.placeRequest, example: { territories: ['NC'] } },
  },
  {
    ...{ method: 'get', path: '/detections/{detection}/waiting', id: 'listWaiting', scope: 'detections:write' },
    summary: 'Contested records and lower markings that wait for a decision',
    answer: { status: 200, about: 'They', schema: schemas.waitingAnswer, headers: ['ETag'] },
    problems: ['not-found'],
  },
  ...(['accept', 'refuse'] as const).map((name): Operation => ({
    ...{ method: 'post', path: `/detections/{detection}/${name}`, id: `${name}Waiting`, ...acted },
    summary: `${capitalised(name)} what waits; a lower marking is accepted by another caller than its sender`,
    body: { schema: schemas.decideRequest, example: { record: '0'.repeat(64), reason: 'Checked with the source' } },
  })),
  {
    ...{ method: 'get', path: '/candidates', id: 'listCandidates', scope: 'candidates:sign' },
    summary: 'Findings in posts that wait for a decision; they count once signed',
    query: schemas.noQuery,
    answer: { status: 200, about: 'They', schema: schemas.candidatesAnswer },
  },
  {
    ...{ method: 'get', path: '/candidates/{candidate}', id: 'getCandidate', scope: 'candidates:sign' },
    summary: 'One of them, also after its decision',
    answer: { status: 200, about: 'It', schema: schemas.candidateAnswer, headers: ['ETag'] },
    problems: ['not-found'],
  },
  {
    ...{
      method: 'post',
      path: '/candidates/{candidate}/sign',
      id: 'signCandidate',
      ...acted,
      scope: 'candidates:sign',
    },
    summary: 'Store it as a detection',
    body: { schema: schemas.signRequest, example: {} },
  },
  {
    ...{ method: 'post', path: '/candidates/{candidate}/refuse', id: 'refuseCandidate' },
    ...{ ...acted, scope: 'candidates:sign' },
    summary: 'Refuse it: it returns only if its posts or accounts double',
    body: { schema: schemas.reasonRequest, example: { reason: 'A newsroom and its readers' } },
  },
  {
    ...{ method: 'post', path: '/uploads', id: 'openUpload', scope: 'detections:write' },
    summary: 'Where to put a larger file of detections',
    body: { schema: schemas.uploadRequest, example: { name: 'bursts.ndjson', bytes: 20_480 } },
    answer: { status: 201, about: 'A signed address', schema: schemas.uploadAnswer },
    problems: ['unavailable'],
  },
  {
    ...{ method: 'post', path: '/plates', id: 'openPlate', scope: 'detections:write' },
    summary: 'Describe an evidence image, and get the address for its picture',
    body: { schema: schemas.plateRequest, example: plate },
    answer: { status: 201, about: 'A signed address', schema: schemas.plateUploadAnswer },
    problems: ['unavailable'],
  },
  {
    ...{ method: 'get', path: '/plates/{id}', id: 'getPlate', scope: 'detections:write' },
    summary: 'The outcome of a picture that this caller has uploaded',
    answer: { status: 200, about: 'It', schema: schemas.plateAnswer },
    problems: ['unavailable', 'not-found'],
  },
  {
    ...{ method: 'get', path: '/territories', id: 'listTerritories', scope: 'reports:read' },
    summary: 'The territories that this caller may read of',
    answer: { status: 200, about: 'Territories', schema: schemas.territoriesAnswer },
  },
  {
    ...{ method: 'get', path: '/sources', id: 'listSources', scope: 'reports:read' },
    summary: 'The detectors, each with its last input',
    answer: { status: 200, about: 'Sources', schema: schemas.sourcesAnswer },
  },
  {
    ...{ method: 'get', path: '/coverage', id: 'getCoverage', scope: 'reports:read' },
    summary: 'What the detectors delivered in a period, and where they were silent',
    query: schemas.coverageQuery,
    answer: { status: 200, about: 'Coverage', schema: schemas.coverageAnswer },
  },
  {
    ...{ method: 'get', path: '/healthz', id: 'health', scope: undefined },
    summary: 'That it answers',
    answer: { status: 200, about: 'It does', schema: z.object({ status: z.literal('ok') }) },
  },
]

const pathParameters: Readonly<Record<string, { readonly about: string; readonly example: string }>> = {
  territory: { about: 'A territory’s code', example: 'NC' },
  period: { about: 'A period', example: '2024-W20' },
  cap: { about: 'The edition: clear, green, amber, amber-strict, red', example: 'amber' },
  version: { about: 'Its number, or latest', example: 'latest' },
  name: { about: 'A file of the manifest', example: 'report.fr.pdf' },
  detection: { about: 'The detection’s id', example: 'burst-1' },
  candidate: { about: 'The candidate’s id, and its detection’s once signed', example: 'vigie-1' },
  id: { about: 'Of the job or the upload', example: '00000000-0000-4000-8000-000000000000' },
}

let made: Readonly<Record<string, unknown>> | undefined

export const openApiDocument = (): Readonly<Record<string, unknown>> => {
  made ??= documentOf()
  return made
}

const documentOf = (): Readonly<Record<string, unknown>> => {
  const components: Record<string, unknown> = { Problem: problemSchema }
  const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): unknown => {
    const written = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>
    const { $schema: _, title: name, ...plain } = written
    if (typeof name !== 'string') return plain
    components[name] = plain
    return { $ref: `#/components/schemas/${name}` }
  }
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationOf(operation, jsonSchema) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Vigie',
      version: program.split(' ')[1],
      description: 'Periodic threat reports on foreign information manipulation, one for each territory.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

type ToJsonSchema = (schema: z.ZodType, io: 'input' | 'output') => unknown

const operationOf = (operation: Operation, jsonSchema: ToJsonSchema) => {
  const { id, summary, scope, path, query, headers = {}, body, answer, problems = [] } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
    ...{ description: pathParameters[name]?.about ?? name, example: pathParameters[name]?.example },
  }))
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const one = schema as z.ZodType
    return { name, in: 'query', required: !one.safeParse(undefined).success, schema: jsonSchema(one, 'input') }
  })
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    ...{ name, in: 'header', required: name === 'If-Match', description },
    schema: { type: 'string', maxLength: 200 },
  }))
  const read = [
    ...((query ?? body) ? (['malformed', 'invalid'] as const) : []),
    ...(body ? (['too-large', 'unsupported-type'] as const) : []),
  ]
  const callers = scope ? (['not-signed-in', 'not-allowed'] as const) : []
  const types = body?.types ?? ['application/json']
  const answerHeaders = answer.headers && {
    headers: Object.fromEntries(answer.headers.map((name) => [name, { schema: { type: 'string' } }])),
  }
  return {
    operationId: id,
    summary,
    ...(scope ? { security: [{ token: [scope] }] } : { security: [] }),
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(body && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          types.map((type) => [
            type,
            type.endsWith('json') && type !== schemas.stixType
              ? { schema: jsonSchema(body.schema, 'input'), example: body.example }
              : {},
          ]),
        ),
      },
    }),
    responses: {
      [answer.status]: {
        description: answer.about,
        ...answerHeaders,
        ...(answer.type && { content: { [answer.type]: { schema: { type: 'string' } } } }),
        ...(answer.schema && { content: { 'application/json': { schema: jsonSchema(answer.schema, 'output') } } }),
      },
      ...Object.fromEntries(
        Object.entries(answer.others ?? {}).map(([status, description]) => [status, { description, ...answerHeaders }]),
      ),
      ...problemResponses(new Set([...read, ...callers, ...problems])),
    },
  }
}

const problemResponses = (names: ReadonlySet<ApiProblem>) => {
  const byStatus = new Map<number, string[]>()
  for (const name of names) {
    const { status, title } = problems[name]
    byStatus.set(status, [...(byStatus.get(status) ?? []), title])
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [status, { description: titles.join('; or: '), content }]),
  )
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', enum: apiProblemNames.map((name) => `urn:vigie:problem:${name}`) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'fix'],
        properties: { field: { type: 'string' }, fix: { type: 'string' } },
      },
    },
  },
}
