import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import { type Caller, isOperator, mayDo, mayReadEdition } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { FaultError, asFault } from '../../domain/core/fault.ts'
import { type Marking, parseMarking } from '../../domain/core/marking.ts'
import { hasBegun } from '../../domain/core/place/subject.ts'
import { parseSubject, territories } from '../../domain/core/place/territory.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import { parseObserved } from '../../domain/core/time/observed.ts'
import { parsePeriod } from '../../domain/core/time/period.ts'
import { DaysError } from '../../domain/looking/days.ts'
import { SoughtError } from '../../domain/looking/filter.ts'
import { cursorTo as lookingCursor, placeOf as lookingPlace } from '../../domain/looking/place.ts'
import { PlateError, type PlateDetails, readPlateDetails } from '../../domain/plate/plate.ts'
import type { Job } from '../../domain/report/job.ts'
import { type Edition, editionOf, editionPath, manifestName } from '../../domain/report/manifest.ts'
import { type Signer, signatureName } from '../../domain/report/signature.ts'
import { type ArchivePage, cursorTo, findVersion, listArchive, placeOf } from '../../usecases/archive/browse-archive.ts'
import { type FileAddresses, openFile } from '../../usecases/archive/open-file.ts'
import { stixPage } from '../../usecases/archive/stix-page.ts'
import { type Asked, countDetections, findDetections } from '../../usecases/detections/find-detections.ts'
import { searchDetections } from '../../usecases/detections/search-detections.ts'
import { detectionFor } from '../../usecases/detections/show-detection.ts'
import type { LookServices } from '../../usecases/detections/view.ts'
import type { Desk } from '../../usecases/ingest/desk.ts'
import { type BatchOptions, ingestBatch, TooManyRecordsError } from '../../usecases/ingest/ingest-batch.ts'
import { KeyBusyError, KeyReusedError } from '../../usecases/keyed.ts'
import type { Log } from '../../usecases/log.ts'
import { openUpload, type PlateUploading, uploadOf } from '../../usecases/plates/open-upload.ts'
import { PeriodTooLargeError } from '../../usecases/reports/reading/period-size.ts'
import { type RequestServices, requestReport, TooManyReportsError } from '../../usecases/reports/request-report.ts'
import { sourcesKnown } from '../../usecases/reports/schedules/set-source.ts'
import { sourceCoverage } from '../../usecases/reports/schedules/source-coverage.ts'
import type { Services } from '../../usecases/services.ts'
import { isCrossSite } from '../shared/forms.ts'
import { publicKeyAnswer } from '../shared/problem-pages.ts'
import { ApiProblemError, apiProblemAnswer } from '../shared/problems.ts'
import { actRoutes, notKnown } from './act-routes.ts'
import { candidateRoutes } from './candidate-routes.ts'
import { openApiDocument, operations } from './openapi.ts'
import { type Answering, bodyOf, hasTag, keyOf, queryOf, typeOf } from './requests.ts'
import * as schemas from './schemas.ts'

export type ApiParts = {
  callerOf(c: Context): Caller | undefined
  /** How to sign in, for callers without a session; defaults to a stage's text. */
  readonly howToSignIn?: string
  readonly services: Pick<Services, 'reports' | 'archive' | 'candidates' | 'clock'> &
    LookServices & {
      readonly signer: Pick<Signer, 'publicKey'>
    } & RequestServices
  readonly files: FileAddresses
  readonly desk: Desk
  /** Creates an upload for a larger file; undefined where uploads are not available. */
  upload?(name: string, bytes: number, caller: Caller): Promise<z.input<typeof schemas.uploadAnswer>>
  readonly plates?: PlateUploading
  readonly log: Log
}

/** Of a body, in bytes. */
const maxBodyBytes = 1_000_000

/** Seconds after which a client may poll a job again. */
const retryAfter = 5

type Routes = ApiParts & Answering

export const failedAnswer = (c: Context, error: unknown, log: Log): Response => {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  log('request failed', { method: c.req.method, error: messageOf(error), stack })
  return apiProblemAnswer(new ApiProblemError('failed', 'It failed before its end: ask again in a while'))
}

export const apiRoutes = (app: Hono, parts: ApiParts): void => {
  const { callerOf, howToSignIn = 'Send a token of this service’s issuer, or sign the request' } = parts
  const routes: Routes = {
    ...parts,
    allowed: (c, scope) => {
      if (c.req.method !== 'GET' && isCrossSite(c))
        throw new ApiProblemError('not-allowed', 'Sent by a page of another site')
      const caller = callerOf(c)
      if (!caller) throw new ApiProblemError('not-signed-in', howToSignIn)
      if (mayDo(caller, scope)) return caller
      throw new ApiProblemError('not-allowed', `This needs the scope ${scope}`)
    },
    answering: (work) => async (c) => {
      try {
        return await work(c)
      } catch (error) {
        if (error instanceof ApiProblemError) return apiProblemAnswer(error)
        if (error instanceof KeyReusedError) return apiProblemAnswer(new ApiProblemError('key-reused', error.message))
        if (error instanceof KeyBusyError) return apiProblemAnswer(new ApiProblemError('conflict', error.message))
        return failedAnswer(c, error, parts.log)
      }
    },
    limited: bodyLimit({
      maxSize: maxBodyBytes,
      onError: () =>
        apiProblemAnswer(
          new ApiProblemError('too-large', `A body may have ${maxBodyBytes} bytes: send it in parts, or as an upload`),
        ),
    }),
  }
  app.get('/openapi.json', (c) => c.json(openApiDocument()))
  jobRoutes(app, routes)
  archiveRoutes(app, routes)
  intakeRoutes(app, routes)
  plateRoutes(app, routes)
  detectionRoutes(app, routes)
  actRoutes(app, routes)
  candidateRoutes(app, routes)
  watchRoutes(app, routes)
  otherRoutes(app)
}

/** Answers other methods and paths. An app with pages answers browsers itself, except under the API's names. */
const otherRoutes = (app: Hono): void => {
  const names = new Set(['openapi.json', ...operations.map(({ path }) => path.split('/')[1])])
  const known = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ method, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`) }))
  app.all('*', (c, next) => {
    if (c.req.header('accept')?.includes('text/html') && !names.has(c.req.path.split('/')[1])) return next()
    const methods = known.flatMap((one) => (one.pattern.test(c.req.path) ? one.method : []))
    if (methods.length === 0) return apiProblemAnswer(noSuchPath())
    const allow = [...new Set(methods), ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
    return apiProblemAnswer(new ApiProblemError('method-not-allowed', `Send ${allow}`, [], { allow }))
  })
}

export const noSuchPath = () => new ApiProblemError('not-found', 'There is no such path: /openapi.json names them')

const jobRoutes = (app: Hono, { allowed, answering, limited, services, log }: Routes): void => {
  app.post(
    '/reports',
    limited,
    answering(async (c) => {
      const caller = allowed(c, 'reports:create')
      const { asOf, ...asked } = await bodyOf(c, schemas.reportRequest)
      const key = keyOf(c)
      if (!mayReadEdition(caller, asked)) {
        throw new ApiProblemError('not-allowed', `${caller.who} is not cleared for ${asked.cap} of ${asked.territory}`)
      }
      const now = services.clock()
      refuseUnbegun(asked.territory, asked.period, now)
      refuseToCome(asOf, now)
      const request = { ...asked, ...(asOf !== undefined && { asOf: new Date(asOf).toISOString() }) }
      const job = await requestReport(request, { caller, key }, services).catch((error: unknown) => {
        if (error instanceof PeriodTooLargeError) {
          throw new ApiProblemError('invalid', error.message, [{ field: '/period', fix: error.message }])
        }
        if (!(error instanceof TooManyReportsError)) throw error
        log('too many reports asked for', { who: caller.who, most: error.most })
        throw new ApiProblemError('too-many', error.message, [], { 'retry-after': String(error.retryAfter) })
      })
      log('report asked for', { who: caller.who, job: job.id, ...asked, deliver: String(asked.deliver) })
      return c.json(jobAnswer(job), 202, { location: `/jobs/${job.id}`, 'retry-after': String(retryAfter) })
    }),
  )

  app.get(
    '/jobs/:id',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const id = c.req.param('id') ?? ''
      const job = z.uuid().safeParse(id).success ? await services.jobs.get(id) : undefined
      // A caller sees the jobs of others only where it may read their reports.
      if (!job || !mayReadEdition(caller, job.request)) throw new ApiProblemError('not-found', 'There is no such job')
      const waiting = job.state === 'queued' || job.state === 'running'
      return c.json(jobAnswer(job), 200, waiting ? { 'retry-after': String(retryAfter) } : {})
    }),
  )
}

const archiveRoutes = (app: Hono, { allowed, answering, services, files, log }: Routes): void => {
  app.get(
    '/reports',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const { cursor, ...query } = queryOf(c, schemas.archiveQuery)
      const page = await listArchive({ ...query, after: cursor && placeIn(cursor) }, caller, services)
      return c.json(pageAnswer(page, c))
    }),
  )

  app.get(
    '/stix',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const { added_after: added, next: cursor, ...query } = queryOf(c, schemas.stixQuery)
      // No place in the order has a sign after `~`.
      const after = cursor === undefined ? added && `${new Date(added).toISOString()} ~` : placeIn(cursor, 'next')
      const { content, last, next } = await stixPage({ ...query, after }, caller, { ...services, files, log })
      if (last !== undefined) c.header('x-taxii-date-added-last', last)
      if (next !== undefined) c.header('link', `<${nextPath(c, cursorTo(next), 'next')}>; rel="next"`)
      if ('url' in content) return c.redirect(content.url, 302)
      const { objects } = content
      const bundle = { type: 'bundle', id: `bundle--${randomUUID()}`, ...(objects.length > 0 && { objects }) }
      return c.body(JSON.stringify(bundle), 200, { 'content-type': `${schemas.stixType};version=2.1` })
    }),
  )

  const version = '/reports/:territory/:period/:cap/:version'
  const found = (c: Context) => versionFor(c, allowed(c, 'reports:read'), services)

  app.get(
    version,
    answering(async (c) => {
      const { manifest, entry, edition } = await found(c)
      const path = pathOf(edition, entry.version)
      return c.json({
        manifest,
        files: manifest.files.map((file) => ({ ...file, href: `${path}/files/${file.name}` })),
        changes: `${path}/changes`,
        proof: {
          manifest: `${path}/files/${manifestName}`,
          signature: `${path}/files/${signatureName}`,
          publicKey: signingKeyPath,
        },
      } satisfies z.input<typeof schemas.versionAnswer>)
    }),
  )

  app.get(
    `${version}/changes`,
    answering(async (c) => {
      const { report, entry } = await found(c)
      const { changes } = report
      return c.json({ version: entry.version, changes: changes && plainChanges(changes) })
    }),
  )

  app.get(
    `${version}/files/:name`,
    answering(async (c) => {
      const { caller, ...version } = await found(c)
      const name = c.req.param('name') ?? ''
      const url = await openFile(version, name, { who: caller.who }, { files, archive: services.archive, log })
      if (!url) throw new ApiProblemError('not-found', 'The version has no such file; its manifest names those it has')
      return c.redirect(url, 302)
    }),
  )

  app.get(
    signingKeyPath,
    answering(async (c) => {
      allowed(c, 'reports:read')
      return publicKeyAnswer(await services.signer.publicKey())
    }),
  )
}

/** @throws ApiProblemError where the version is recalled or hidden from this caller */
const versionFor = async (c: Context, caller: Caller, services: ApiParts['services']) => {
  const { edition, wanted } = versionIn(c)
  const answer = await findVersion(edition, wanted, caller, services)
  if (answer.is === 'unknown') throw new ApiProblemError('not-found', 'There is no such version for this caller')
  if (answer.is === 'recalled') throw new ApiProblemError('recalled', `It was recalled: ${answer.reason}`)
  return { ...answer, caller, edition }
}

const intakeRoutes = (app: Hono, { allowed, answering, limited, desk, upload, log }: Routes): void => {
  app.post(
    '/detections',
    limited,
    answering(async (c) => {
      const caller = allowed(c, 'detections:write')
      const format = formatsByType.get(typeOf(c))
      if (!format || c.req.header('content-encoding'))
        throw new ApiProblemError('unsupported-type', `Send ${schemas.recordTypes.join(', ')}, uncompressed`)
      const { check, territory, observed: seen, ...query } = queryOf(c, schemas.sendQuery)
      const isTrial = check === 'true'
      const observed = seen === undefined ? undefined : read(() => parseObserved(seen), 'observed', 'invalid')
      const how = { ...query, format, caller, isTrial, observed, territories: territory && [territory] }
      const bytes = new Uint8Array(await c.req.arrayBuffer())
      const failed = (error: string) => {
        log('detections failed', { who: caller.who, error })
        return new ApiProblemError(
          'failed',
          isTrial
            ? 'Nothing was stored: check it again'
            : 'Some of it may be stored: send all of it again, and nothing is stored twice',
        )
      }
      const { receipt, storeFailed, noted, ...tally } = await ingestBatch(bytes, how, desk).catch((error: unknown) => {
        if (error instanceof TooManyRecordsError) throw new ApiProblemError('too-large', error.message)
        if (error instanceof FaultError) throw new ApiProblemError('malformed', error.message)
        throw failed(messageOf(error))
      })
      if (storeFailed) throw failed(tally.failure ?? 'the store failed')
      if (tally.read === 0) throw new ApiProblemError('malformed', 'The body holds no record: send one at least')
      log(isTrial ? 'detections checked' : 'detections taken in', {
        who: caller.who,
        read: tally.read,
        rejected: tally.rejected,
      })
      // The outcome of each record reveals which ids are stored.
      return c.json({ ...(isOperator(caller) ? tally : receipt), ...(isTrial && { batch: undefined }), noted })
    }),
  )

  app.post(
    '/uploads',
    limited,
    answering(async (c) => {
      const caller = allowed(c, 'detections:write')
      const { name, bytes } = await bodyOf(c, schemas.uploadRequest)
      if (!upload)
        throw new ApiProblemError('unavailable', 'Nothing takes uploads here: vigie ingest reads files of any size')
      log('upload opened', { who: caller.who, name, bytes })
      return c.json(await upload(name, bytes, caller), 201)
    }),
  )
}

const plateRoutes = (app: Hono, { allowed, answering, limited, services, plates, log }: Routes): void => {
  const place = () => {
    if (plates) return plates
    throw new ApiProblemError('unavailable', 'Nothing takes pictures here: vigie plates add does')
  }
  app.post(
    '/plates',
    limited,
    answering(async (c) => {
      const caller = allowed(c, 'detections:write')
      const { bytes, by, masks = [], nothingToMask: _, ...words } = await bodyOf(c, schemas.plateRequest)
      const asked = { who: caller.who, by, masks, details: readDescription(words), bytes }
      const { id, url, expiresAt } = await openUpload(asked, place(), services.clock())
      log('plate opened', { who: caller.who, id, bytes })
      return c.json({ id, url, expiresAt, outcome: `/plates/${id}` }, 201)
    }),
  )
  app.get(
    '/plates/:id',
    answering(async (c) => {
      const caller = allowed(c, 'detections:write')
      const uploading = place()
      const asked = z.uuid().safeParse(c.req.param('id'))
      const found = asked.success ? await uploadOf(asked.data, caller.who, uploading) : undefined
      if (!found) throw new ApiProblemError('not-found', 'No such upload of this caller')
      const { reason, ...upload } = found
      return c.json({ ...upload, ...(reason && { reason: faultText(reason) }) })
    }),
  )
}

const readDescription = (words: Parameters<typeof readPlateDetails>[0]): PlateDetails => {
  try {
    return readPlateDetails(words)
  } catch (error) {
    if (!(error instanceof PlateError)) throw error
    const [field = ''] = error.fault.path?.split('.') ?? []
    throw new ApiProblemError('invalid', error.message, [{ field, fix: error.message }])
  }
}

const detectionRoutes = (app: Hono, { allowed, answering, services, log }: Routes): void => {
  app.get(
    '/detections',
    answering(async (c) => {
      const caller = allowed(c, 'detections:read')
      const { q, by, counts, ...query } = queryOf(c, schemas.detectionsQuery)
      const asked = askedIn(query)
      if (asked.territory !== undefined && !caller.territories.includes(asked.territory))
        throw new ApiProblemError('not-allowed', `${asked.territory} is not this caller’s`)
      const answer = async () => {
        const found =
          q === undefined
            ? await findDetections(asked, caller, services)
            : await searchDetections(q, { ...asked, by }, caller, services)
        const soughtText = 'by' in found && q !== undefined ? { [found.by === 'key' ? 'key' : 'words']: q } : {}
        const counted =
          counts === 'true' ? await countDetections({ ...asked, ...soughtText }, caller, services) : undefined
        return { ...found, ...(counted && { counts: counted }) }
      }
      const { next, ...page } = await answer().catch((error: unknown) => {
        if (error instanceof SoughtError) throw new ApiProblemError('invalid', `q: ${error.message}`)
        if (!(error instanceof DaysError)) throw error
        throw new ApiProblemError('invalid', error.message, [{ field: 'from', fix: error.message }])
      })
      log('detections listed', { who: caller.who, listed: page.detections.length })
      return c.json({ ...page, ...(next && { next: nextPath(c, lookingCursor(next)) }) })
    }),
  )

  app.get(
    '/detections/:detection',
    answering(async (c) => {
      const caller = allowed(c, 'detections:read')
      const found = await detectionFor(c.req.param('detection') ?? '', caller, services)
      if (found?.stored.status !== 'active') throw notKnown()
      const { shown, etag } = found
      if (hasTag((c.req.header('if-none-match') ?? '').replaceAll('W/', ''), etag)) return c.body(null, 304, { etag })
      log('detection read', { who: caller.who, detection: shown.id, marking: shown.marking })
      return c.json(shown, 200, { etag })
    }),
  )
}

/** @throws ApiProblemError */
const askedIn = ({ period, from, to, cursor, ...query }: DetectionsQuery): Asked => {
  const after = cursor === undefined ? undefined : lookingPlace(cursor)
  if (cursor !== undefined && !after) throw noCursor()
  if (period !== undefined && (from ?? to) !== undefined) {
    const fix = 'leave `from` and `to` out: a period names its days'
    throw new ApiProblemError('invalid', `period: ${fix}`, [{ field: 'period', fix }])
  }
  const days =
    period === undefined
      ? { ...(from !== undefined && { first: from }), ...(to !== undefined && { last: to }) }
      : parsePeriod(period)
  return { ...query, days, after }
}

type DetectionsQuery = Omit<z.output<typeof schemas.detectionsQuery>, 'q' | 'by' | 'counts'>

const watchRoutes = (app: Hono, { allowed, answering, services }: Routes): void => {
  app.get(
    '/territories',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const readable = territories.filter(({ code }) => caller.territories.includes(code))
      return c.json({ territories: readable.map(({ code, iso, zone, name }) => ({ code, iso, zone, name })) })
    }),
  )

  app.get(
    '/sources',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const known = await sourcesKnown(caller, services)
      return c.json({
        sources: known.map(({ name, byHand, version: release, rhythm: expectedRhythm, lastInput, marking }) => ({
          ...{ name, byHand, version: release, expectedRhythm, lastInput, marking },
        })),
      })
    }),
  )

  app.get(
    '/coverage',
    answering(async (c) => {
      const caller = allowed(c, 'reports:read')
      const { territory, period } = queryOf(c, schemas.coverageQuery)
      if (!caller.territories.includes(territory))
        throw new ApiProblemError('not-allowed', `${territory} is not this caller’s`)
      const { sources: watched } = await sourceCoverage(territory, parsePeriod(period), caller, services)
      const sources = watched.map(({ name, marking, watch }) => {
        const { inputs, expected, gaps } = watch
        return { name, marking, inputs, expected, gaps }
      })
      return c.json({ territory, period, sources })
    }),
  )
}

const signingKeyPath = '/signing-key'

const [jsonType, ndjsonType, stixType, csvType, workbookType] = schemas.recordTypes

/** Tables of many kinds have the same type, so their headings decide. */
const formatsByType: ReadonlyMap<string, BatchOptions['format']> = new Map([
  [jsonType, 'json'],
  ...[ndjsonType, 'application/ndjson', 'application/jsonl'].map((type) => [type, 'ndjson'] as const),
  [stixType, 'stix'],
  ...[csvType, workbookType].map((type) => [type, 'auto'] as const),
])

const refuseUnbegun = (territory: Edition['territory'], period: string, now: Date): void => {
  if (hasBegun(parsePeriod(period), territory, now.getTime())) return
  throw new ApiProblemError('invalid', `${period} has not begun in ${territory}`, [
    { field: '/period', fix: 'ask for a period that has begun' },
  ])
}

/** Refuses a future as-of: data yet to come would be missing without notice. */
const refuseToCome = (asOf: string | undefined, now: Date): void => {
  if (asOf === undefined || Date.parse(asOf) <= now.getTime()) return
  throw new ApiProblemError('invalid', `asOf: ${asOf} lies in the future`, [
    { field: '/asOf', fix: 'leave it out for now’s data' },
  ])
}

const jobAnswer = (job: Job): z.input<typeof schemas.jobAnswer> => {
  const { id, state, request, askedAt, at, version, reason } = job
  const report = state === 'done' && version !== undefined ? { report: pathOf(editionOf(request), version) } : {}
  return {
    id,
    state,
    request,
    askedAt,
    at,
    ...(version !== undefined && { version }),
    ...report,
    ...(reason && { reason: faultText(asFault(reason)) }),
  }
}

const pathOf = (edition: Edition, version: number): string => `/reports/${editionPath(edition)}/${version}`

const pageAnswer = ({ entries, next }: ArchivePage, c: Context): z.input<typeof schemas.archivePage> => {
  return {
    reports: entries.map(({ totals, recalledAt: _, ...entry }) => ({
      ...entry,
      detections: totals.detections,
      posts: totals.posts,
      href: pathOf(editionOf(entry), entry.version),
    })),
    ...(next !== undefined && { next: nextPath(c, cursorTo(next)) }),
  }
}

const nextPath = (c: Context, cursor: string, parameter = 'cursor'): string => {
  const url = new URL(c.req.url)
  url.searchParams.set(parameter, cursor)
  return `${url.pathname}${url.search}`
}

/** Decodes a cursor; an invalid one gives the end. */
const placeIn = (cursor: string, field?: string): string => {
  const place = placeOf(cursor)
  if (place !== undefined) return place
  throw noCursor(field)
}

const noCursor = (field = 'cursor') =>
  new ApiProblemError('malformed', `${field} is none of this service’s`, [
    { field, fix: 'take it from `next` of the page before' },
  ])

const plainChanges = ({
  version,
  asOf,
  until,
  reasons,
  figures,
  added,
  revised,
  removed,
}: NonNullable<ReportChanges>) => ({
  ...{ version, asOf, ...(until !== undefined && { until }), reasons, added, revised, removed },
  figures: figures.map(({ figure, before, after }) => ({ figure, before, after })),
})

type ReportChanges = Extract<Awaited<ReturnType<typeof findVersion>>, { is: 'found' }>['report']['changes']

/** @throws ApiProblemError where the path can name no version */
const versionIn = (c: Context): { readonly edition: Edition; readonly wanted: number | 'latest' } => {
  const part = (name: string) => c.req.param(name) ?? ''
  const wanted = part('version')
  if (wanted !== 'latest' && !/^v?[1-9]\d{0,5}$/.test(wanted)) throw notThere('version', 'a number, or latest')
  return {
    edition: {
      territory: read(() => parseSubject(part('territory')).code, 'territory'),
      period: read(() => parsePeriod(part('period')), 'period'),
      cap: read((): Marking => parseMarking(part('cap')), 'cap'),
    },
    wanted: wanted === 'latest' ? wanted : Number(wanted.replace('v', '')),
  }
}

const read = <Value>(parse: () => Value, field: string, problem?: 'invalid'): Value => {
  try {
    return parse()
  } catch (error) {
    const fix = messageOf(error)
    throw problem ? new ApiProblemError(problem, `${field}: ${fix}`, [{ field, fix }]) : notThere(field, fix)
  }
}

const notThere = (field: string, fix: string) =>
  new ApiProblemError('not-found', 'The path names no report', [{ field, fix }])
