/** Sources in the room: their states, settings with the effect first, and the rights to see and change them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postForm } from '../../../support/post-form.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../../support/room.ts'

let room: Room
let minutes = 0
beforeAll(async () => {
  room = await openRoom()
  const { sources } = room.opened.services
  const run = (name: string, detector: object) =>
    sources.recordRun(
      { detector: { name, ...detector }, at: '2024-05-20T06:00:00.000Z', found: 0 },
      new Date('2024-05-20T06:00:00.000Z'),
    )
  await run('Paced', { expectedRhythm: 'PT6H', marking: 'TLP:GREEN', territories: ['NC'] })
  await run('Elsewhere', { expectedRhythm: 'PT6H', marking: 'TLP:GREEN', territories: ['MQ'] })
  await run('Strict', { expectedRhythm: 'P30D', marking: 'TLP:RED' })
})
afterAll(() => room.close())
beforeEach(() => {
  minutes += 1
  room.opened.at(new Date(Date.parse('2024-05-22T10:00:00.000Z') + minutes * 60_000).toISOString())
})

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ')
const page = async (address: string, language = 'en') => {
  const { status, text } = await room.page(address, language)
  return { status, text: spaced(text) }
}
const post = async (address: string, form: Readonly<Record<string, string | readonly string[]>>) => {
  const pairs = Object.entries({ token: formToken, ...form }).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, each] as const),
  )
  const answer = await postForm(room.app, `http://127.0.0.1${address}`, pairs, { 'accept-language': 'en' })
  return {
    status: answer.status,
    text: spaced(await answer.text()),
    to: answer.headers.get('location') ?? '',
  }
}
const list = '/room/sources'
const one = `${list}/Paced`
const stored = async (name = 'Paced') =>
  (await room.opened.services.sources.asOf(room.opened.services.clock().toISOString())).find(
    (source) => source.name === name,
  )
const set = async (name?: string) => (await stored(name))?.statements.find((statement) => statement.set)?.set
const form = { rhythm: 'P7D', marking: 'TLP:GREEN', territories: 'NC', by: 'Ana', reason: 'weekly', revision: '' }

describe('the list', () => {
  test('has the state, rhythm, territories and last input of each source, the silent ones first', async () => {
    const { status, text } = await page(list)
    expect(status).toBe(200)
    expect(text).toMatch(/sources have delivered; \d+ of them are silent/)
    expect(text).toMatch(/Paced<\/bdi>.*silent for 2 days.*20 May 2024.*Every 6 hours.*New Caledonia/s)
    expect(text).toMatch(/Strict<\/bdi>.*>delivers<.*Every 30 days.*all territories/s)
    expect(text.indexOf('Paced</bdi>')).toBeLessThan(text.indexOf('Strict</bdi>'))
    expect(text).not.toContain('<script>')
    const week = (await page('/room/coverage?territory=NC')).text
    expect(week).toContain('href="/room/sources"')
    expect(week).toContain('the territory’s own (Nouméa time)')
  })

  test('has the sources that the caller may know, and offers operators alone a form', async () => {
    await room.as(inRole('reader', { clearance: 'TLP:GREEN', territories: ['NC'] }), async () => {
      const { text } = await page(list)
      expect(text).toContain('Paced</bdi>')
      expect(text).not.toMatch(/Elsewhere<|Strict</)
      expect(text).not.toContain(`href="${one}"`)
      expect((await page(one)).status).toBe(403)
    })
    await room.as(inRole('operator', { clearance: 'TLP:GREEN', territories: ['NC'] }), async () => {
      expect((await page(list)).text).toContain(`href="${one}"`)
      for (const other of ['Elsewhere', 'Strict', 'Nobody', 'by%20hand'])
        expect((await page(`${list}/${other}`)).status).toBe(404)
      const { text } = await page(one)
      expect(text).toContain('name="rhythm"')
      // The marking replaces that of stricter records.
      expect(text).not.toMatch(/name="(marking|territories)"/)
    })
  })
})

describe('setting a source', () => {
  test('shows its effect, then is written once, with who, when and why', async () => {
    expect((await page(one)).text).not.toContain('value="do"')
    const seen = await post(one, { ...form, do: 'look', reason: hostile })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(/every 6 hours.*every week.*silent for 2 days.*delivers/s)
    expect(seen.text).toMatch(/Published versions stay.*set otherwise at any time.*value="do"/s)
    expect(seen.text).not.toContain('<script>')
    expect(await set()).toBeUndefined()
    expect(await post(one, { ...form, do: 'do', reason: hostile })).toMatchObject({ status: 303, to: list })
    expect(await set()).toMatchObject({ by: 'Ana', reason: hostile, rhythm: 'P7D' })
    // The same form again gets the conflict.
    expect(await post(one, { ...form, do: 'do' })).toMatchObject({
      status: 409,
      text: expect.stringMatching(/Ana set it first.*every week.*Ana/s),
    })
    expect((await page(list)).text).toMatch(/Paced<\/bdi>.*>delivers<.*Every week.*set by Ana/s)
    expect((await page('/room/history')).text).toMatch(/Ana.*changed.*every week.*Paced/s)
    expect((await page('/room/coverage?territory=NC&week=2024-W21')).text).toMatch(/Paced.*every week/s)
  })

  test('changes marking and territories as the command does, and back', async () => {
    const asked = { ...form, rhythm: 'own', marking: 'TLP:AMBER', territories: ['NC', 'PF'] }
    const revision = (await set())?.at ?? ''
    const seen = await post(one, { ...asked, do: 'look', revision })
    expect(seen.text).toMatch(/TLP:GREEN.*TLP:AMBER.*New Caledonia and French Polynesia/s)
    expect((await post(one, { ...asked, do: 'do', revision })).status).toBe(303)
    const { statements = [] } = (await stored()) ?? {}
    expect(statements.flatMap(({ declared }) => declared ?? [])).toEqual(['TLP:AMBER'])
    expect(statements.flatMap(({ territories }) => territories ?? [])).toEqual(['NC', 'PF'])
    expect(await set()).not.toHaveProperty('rhythm')
  })

  test.each([
    [{ reason: '' }, /Write why/],
    [{ rhythm: 'daily' }, /role="alert"/],
    [{ marking: 'TLP:BLUE' }, /role="alert"/],
    [{ rhythm: 'own', marking: 'TLP:AMBER', territories: ['NC', 'PF'] }, /no setting differs/],
  ])('is refused with %j, and explains why', async (wrong, why) => {
    const before = await set()
    const { status, text } = await post(one, { ...form, do: 'do', revision: before?.at ?? '', ...wrong })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(await set()).toEqual(before)
  })

  test('after a later change keeps only what its author changed, also where a value is invalid', async () => {
    const before = (await page(one)).text
    const hidden = (name: string) =>
      (new RegExp(`name="${name}" value="([^"]*)"`).exec(before)?.[1] ?? '').replaceAll('&quot;', '"')
    const drawn = { revision: hidden('revision'), drawn: hidden('drawn') }
    const stored = { ...form, ...drawn, rhythm: 'own', marking: 'TLP:AMBER', territories: ['NC', 'PF'] }
    expect((await post(one, { ...stored, marking: 'TLP:AMBER+STRICT', do: 'do' })).status).toBe(303)
    const { status, text } = await post(one, { ...stored, rhythm: 'P2D', territories: ['NC'], do: 'look' })
    expect(status).toBe(409)
    const yours = text.slice(text.indexOf('What you wrote'))
    const lines = yours.slice(0, yours.indexOf('</ul>'))
    expect(lines).toMatch(/every 2 days.*New Caledonia/s)
    expect(lines).not.toMatch(/TLP:|Polynesia/)
    expect(text).toMatch(/<option value="TLP:AMBER\+STRICT" selected/)
    expect(text).toMatch(/<option value="P2D" selected/)
    // Where the drawn values are unknown, the stored value is shown.
    const forged = await post(one, { ...stored, drawn: '[]', do: 'look' })
    expect(forged.text).toMatch(/<option value="TLP:AMBER\+STRICT" selected/)
    const invalid = await post(one, { ...stored, rhythm: 'daily', do: 'look' })
    expect([invalid.status, invalid.text]).toEqual([409, expect.stringContaining('daily')])
  })

  test('takes no form of another session, and shows a hostile name as text', async () => {
    expect((await post(one, { ...form, do: 'do', token: 'other' })).status).toBe(403)
    const { status, text } = await page(`${list}/${encodeURIComponent(hostile)}`)
    expect(status).toBe(200)
    expect(text).not.toContain('<script>')
  })
})
