/**
 * Pictures on the stack: said of by the API, put to a signed address, masked by their function, shown by generate,
 * forgotten by an operator.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sha256 } from '../../../lambdas/domain/core/text/canonical.ts'
import { newFolder, vigie } from '../../support/cli.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { askFunction } from '../../support/http-event.ts'
import type { Instance } from '../../support/lambda.ts'
import { exifWithGps, pixelsOf, png, pngChunk, scene } from '../../support/pictures.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let programs: Instance
let generate: Instance
let plates: Instance
let expire: Instance
let home: Awaited<ReturnType<typeof newFolder>>
beforeAll(async () => {
  home = await newFolder()
  stack = await startStack(await sharedAssembly())
  const open = (id: string) => newInstance(stack, id)
  ;[programs, generate] = [await open('ProgramsWorker'), await open('Generate')]
  ;[plates, expire] = [await open('PlatesWorker'), await open('PlateExpiryWorker')]
})
afterAll(async () => {
  for (const one of [programs, generate, plates, expire]) await one.close()
  await stack.close()
  await home.remove()
})

const operator = () => ({ ...stack.env, VIGIE_HOME: home.folder })

const claims = {
  sub: 'unit-7',
  scope: 'reports:read reports:create detections:read detections:write',
  vigie_clearance: 'TLP:AMBER',
  vigie_territories: '[NC]',
}
const ask = (method: string, path: string, body?: unknown, as: object = claims) =>
  askFunction(programs, method, path, {
    ...(body !== undefined && { body }),
    authorizer: { jwt: { claims: as, scopes: null } },
  })

const said = {
  by: 'C. Morel',
  masks: [{ x: 40, y: 30, width: 40, height: 40 }],
  caption: { fr: 'Une maison', en: 'A house' },
  alt: { fr: 'Schéma d’une maison', en: 'Drawing of a house' },
  source: 'X',
  date: '2024-05-15',
  marking: 'TLP:GREEN',
}
const secret = 'GPS 22.2758 S'
const file = png(scene(), [pngChunk('eXIf', exifWithGps(secret))])
const Bucket = () => stack.outputs.PlatesBucket ?? ''
const uploaded = (key: string) => ({ source: 'aws.s3', detail: { bucket: { name: Bucket() }, object: { key } } })

/** Opens a place, puts the bytes there, and lets the function hear of it. */
const put = async (bytes: Uint8Array, more: object = {}) => {
  const opened = JSON.parse((await ask('POST', '/plates', { ...said, bytes: bytes.length, ...more })).body)
  const answer = await fetch(opened.url, { method: 'PUT', body: new Uint8Array(bytes) })
  expect(answer.status).toBe(200)
  const key = `incoming/${opened.id}`
  const invoked = await plates.invoke(uploaded(key))
  return { opened, key, invoked, outcome: JSON.parse((await ask('GET', opened.outcome)).body) }
}

/** Does it while the first look for a plate finds none, as where another one adds it at that moment. */
const unseen = async <Done>(work: () => Promise<Done>): Promise<Done> => {
  let looks = 0
  const mend = stack.table.intercept(async (asked, through) => {
    const isLook = String(asked.headers['x-amz-target']).endsWith('BatchGetItem')
    if (!isLook || looks++ > 0) return through(asked)
    const body = JSON.stringify({ Responses: {}, UnprocessedKeys: {} })
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body }
  })
  try {
    return await work()
  } finally {
    mend()
  }
}

describe('a picture that is uploaded', () => {
  test('is masked and stored, its upload is gone, and a report shows it', async () => {
    const { opened, outcome } = await put(file)
    expect(new URL(opened.url).searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host')
    expect(outcome).toMatchObject({ id: opened.id, state: 'stored' })
    expect(await stack.keys(Bucket())).toEqual([`plates/${outcome.sha256}`])
    const bytes = await stack.object(Bucket(), `plates/${outcome.sha256}`)
    expect(sha256(bytes)).toBe(outcome.sha256)
    expect(bytes.includes(secret)).toBe(false)
    expect(pixelsOf(bytes).at(60, 50)).toEqual([0, 0, 0])

    const record = input({ marking: 'TLP:GREEN', counts: { posts: 10 }, plates: [outcome.sha256] })
    expect((await ask('POST', '/detections', record)).status).toBe(200)
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W20' })
    await stack.pump(stack.queue('ReportsQueue'), [generate])
    const html = await stack.object(stack.outputs.ArchiveBucket ?? '', 'reports/NC/2024-W20/amber/v0001/report.fr.html')
    expect(html.includes(bytes.toString('base64').slice(0, 60))).toBe(true)
    // The same again is the same plate, whether its word comes twice or it is put once more.
    expect((await plates.invoke(uploaded(`incoming/${opened.id}`))) as object).toMatchObject({ value: null })
    expect((await put(file)).outcome.sha256).toBe(outcome.sha256)

    // Another one was quicker: what is there already is its own.
    expect((await unseen(() => put(file))).outcome.sha256).toBe(outcome.sha256)
    const out = join(home.folder, 'shown.png')
    await vigie(['plates', 'show', outcome.sha256, '--out', out, '--stage', 'test'], { env: operator() })
    expect(sha256(await readFile(out))).toBe(outcome.sha256)

    const forgotten = await vigie(
      ['plates', 'forget', outcome.sha256, '--by', 'A. Roy', '--reason', 'a minor', '--stage', 'test', '--json'],
      { env: operator() },
    )
    expect(forgotten.stderr).toBe('')
    expect(JSON.parse(forgotten.stdout)).toMatchObject({ shownBy: ['NC/2024-W20/amber/v0001'], already: false })
    expect(await stack.keys(Bucket())).toEqual([])
    const refused = (await put(file)).outcome
    expect(refused).toEqual({
      id: refused.id,
      state: 'refused',
      reason: 'it cannot be added: ask who runs this service',
    })
    expect(await stack.keys(Bucket())).toEqual([])
    // Removed meanwhile: what was put just now goes again.
    expect((await unseen(() => put(file))).outcome.state).toBe('refused')
    expect(await stack.keys(Bucket())).toEqual([])
    const gone = await vigie(['plates', 'show', outcome.sha256, '--out', `${out}2`, '--stage', 'test'], {
      env: operator(),
    })
    expect(gone.stderr).toContain('is no longer stored')
  })

  test('is refused with the reason where it is no picture, and goes', async () => {
    const { outcome } = await put(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    expect(outcome).toMatchObject({ state: 'refused', reason: expect.stringContaining('an SVG') })
    expect(await stack.keys(Bucket())).toEqual([])
  })

  test('is stored by an operator’s command as well', async () => {
    const words = ['--by', 'C. Morel', '--nothing-to-mask', '--source', 'X', '--date', '2024', '--tlp', 'GREEN']
    const texts = ['--caption-fr', 'a', '--caption-en', 'b', '--alt-fr', 'c', '--alt-en', 'd']
    const added = await vigie(['plates', 'add', '-', ...words, ...texts, '--stage', 'test', '--json'], {
      env: operator(),
      stdin: png(scene(64, 64)),
    })
    const { sha256: hash } = JSON.parse(added.stdout)
    expect(await stack.keys(Bucket())).toEqual([`plates/${hash}`])
  })

  test('is no longer told of where an operator takes out what has passed its time', async () => {
    const { TableName = '' } = stack.outputs
    const key = { pk: { S: 'PLATEUPLOAD#old' }, sk: { S: 'HEAD' } }
    await stack.dynamo.send(new PutItemCommand({ TableName, Item: { ...key, expiresAt: { N: '1' } } }))
    const ran = await vigie(['forget', '--expired', '--stage', 'test', '--json'], { env: operator() })
    expect(JSON.parse(ran.stdout)).toEqual({ expired: 1 })
  })

  test('that is gone from its bucket stops the report by its name', async () => {
    const { outcome } = await put(png(scene(80, 60)), { masks: undefined, nothingToMask: true })
    const record = input({ id: 'd2', marking: 'TLP:GREEN', observed: { from: '2024-05-22' }, plates: [outcome.sha256] })
    await ask('POST', '/detections', record)
    await stack.s3.send(new DeleteObjectCommand({ Bucket: Bucket(), Key: `plates/${outcome.sha256}` }))
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W21' })
    await stack.pump(stack.queue('ReportsQueue'), [generate])
    expect(generate.log()).toContain(`the picture of the evidence image ${outcome.sha256} is missing`)
  })

  test('that was said of and never put waits on', async () => {
    const opened = JSON.parse((await ask('POST', '/plates', { ...said, bytes: 10 })).body)
    expect(await plates.invoke(uploaded(`incoming/${opened.id}`))).toMatchObject({ value: null })
    expect(JSON.parse((await ask('GET', opened.outcome)).body)).toMatchObject({ state: 'waiting' })
  })

  test('of which nothing was said is taken out unread', async () => {
    const key = 'incoming/00000000-0000-4000-8000-000000000000'
    expect(await plates.invoke(uploaded(key))).toMatchObject({ value: null })
    expect(await plates.invoke(uploaded('plates/other'))).toMatchObject({ error: expect.anything() })
  })
})

describe('a picture that was kept as long as the house keeps pictures', () => {
  /** The schedule fires so many days from now. */
  const fire = (days: number) =>
    expire.invoke({ scheduledAt: new Date(now().getTime() + days * 86_400_000).toISOString() })
  const schedules = (...words: readonly string[]) =>
    vigie(['schedules', ...words, '--by', 'A. Roy', '--reason', 'a court asks for them', '--stage', 'test'], {
      env: operator(),
    })

  test('goes by the schedule, unless a person has paused it; its record says why, and the log who holds it', async () => {
    const { outcome } = await put(png(scene(90, 70)))
    const record = input({ id: 'd3', marking: 'TLP:GREEN', observed: { from: '2024-05-29' }, plates: [outcome.sha256] })
    await ask('POST', '/detections', record)
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W22' })
    await stack.pump(stack.queue('ReportsQueue'), [generate])
    const key = `plates/${outcome.sha256}`
    const isThere = async () => (await stack.keys(Bucket())).includes(key)

    // So many whole days after its own.
    expect(await fire(30)).toMatchObject({ value: null })
    expect(await isThere()).toBe(true)
    expect((await schedules('pause', 'plates')).stderr).toBe('')
    expect(await fire(40)).toMatchObject({ value: null })
    expect(await isThere()).toBe(true)
    expect(expire.log()).toContain('a court asks for them')
    expect((await schedules('resume', 'plates')).stderr).toBe('')
    expect(await fire(40)).toMatchObject({ value: null })
    expect(await isThere()).toBe(false)
    expect(expire.log()).toContain('NC/2024-W22/amber/v0001')
    const shown = await vigie(['plates', 'show', outcome.sha256, '--stage', 'test', '--json'], { env: operator() })
    expect(JSON.parse(shown.stdout)).toMatchObject({
      removed: { by: 'schedule plates/day', keptDays: 30 },
      shownBy: ['NC/2024-W22/amber/v0001'],
    })
    // Fired twice it does no harm.
    expect(await fire(40)).toMatchObject({ value: null })
    await ask('POST', '/reports', { territory: 'NC', period: '2024-W22' })
    await stack.pump(stack.queue('ReportsQueue'), [generate])
    const next = 'reports/NC/2024-W22/amber/v0002/report.fr.html'
    const html = (await stack.object(stack.outputs.ArchiveBucket ?? '', next)).toString('utf8')
    expect(html).toContain('conservée 30 jours, durée fixée par l’organisation')
  })

  test('stays where nobody fires it, and a call that says no day fails', async () => {
    expect(await expire.invoke({})).toMatchObject({ error: expect.anything() })
  })
})

describe('the interface', () => {
  test('asks for the right, for masks or a word that there is nothing to mask, and for words in both languages', async () => {
    const status = async (more: object, as: object = claims) =>
      (await ask('POST', '/plates', { ...said, bytes: 10, ...more }, as)).status
    expect(await status({}, { ...claims, scope: 'reports:read' })).toBe(403)
    expect(await status({ masks: [] })).toBe(422)
    expect(await status({ nothingToMask: true })).toBe(422)
    expect(await status({ masks: undefined, nothingToMask: true })).toBe(201)
    expect(await status({ alt: { fr: 'x' } })).toBe(422)
    expect(await status({ alt: { fr: 'x', en: '' } })).toBe(422)
    expect(await status({ bytes: 20_000_001 })).toBe(422)
    expect(await status({ by: '' })).toBe(422)
    expect(await status({ crop: { x: 0, y: 0, width: 5, height: 5 } })).toBe(201)
    expect(await status({ crop: { x: 0, y: 0, width: 0, height: 5 } })).toBe(422)
    expect(await status({ crop: { x: 0, y: 0, width: 5, height: 5 }, originalOf: 'a'.repeat(64) })).toBe(422)
  })

  test('takes no other number of bytes than was agreed on', async () => {
    // The stand-in takes any; S3 refuses by the signature.
    const { outcome } = await put(file, { bytes: file.length - 1 })
    expect(outcome).toMatchObject({ state: 'refused', reason: `it has ${file.length} bytes, not ${file.length - 1}` })
  })

  test('tells what became of an upload to its caller alone', async () => {
    const opened = JSON.parse((await ask('POST', '/plates', { ...said, bytes: 10 })).body)
    expect((await ask('GET', opened.outcome)).status).toBe(200)
    expect((await ask('GET', opened.outcome, undefined, { ...claims, sub: 'unit-8' })).status).toBe(404)
    expect((await ask('GET', '/plates/none')).status).toBe(404)
  })
})
