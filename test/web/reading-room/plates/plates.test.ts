/**
 * Evidence plates in the room: known up to a clearance, added by words first and a file after, named in a detection,
 * removed with a reason.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { everything } from '../../../../lambdas/domain/access/caller.ts'
import { sha256 } from '../../../../lambdas/domain/core/text/canonical.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { Plate } from '../../../../lambdas/domain/plate/plate.ts'
import { explainDetection } from '../../../../lambdas/usecases/detections/explain-detection.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { input } from '../../../support/detections.ts'
import { pictureNumber, storePlate } from '../../../support/plates.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

let room: Room
let number = 0
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())
let minutes = 0
/** A minute later than all before. */
const later = () => {
  minutes += 1
  room.opened.at(new Date(Date.parse('2024-05-22T10:00:00.000Z') + minutes * 60_000).toISOString())
}
beforeEach(later)

const low = inRole('analyst', { clearance: 'TLP:GREEN', territories: ['NC'] })
const list = '/room/plates'
const of = ({ sha256: hash }: Pick<Plate, 'sha256'>, rest = '') => `${list}/${hash}${rest}`
const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ').replaceAll('&#x3D;', '=')
const page = async (address: string, language = 'en') => {
  const { status, text } = await room.page(address, language)
  return { status, text: spaced(text) }
}
const store = async (more: Parameters<typeof storePlate>[2] = {}) => {
  number += 1
  return storePlate(room.opened.services, number, more)
}
const words = {
  masks: '40,30,40,40\r\n100,10,20,20',
  'caption.fr': 'Une maison',
  'caption.en': 'A house',
  'alt.fr': 'Une maison de face',
  'alt.en': 'A house from the front',
  ...{ source: 'X', date: '2024-05-15', marking: 'TLP:GREEN', by: 'C. Morel', do: 'say' },
}
const sendFile = async (address: string, bytes: Uint8Array, token = formToken) => {
  const body = new FormData()
  body.set('token', token)
  body.set('file', new File([new Uint8Array(bytes)], 'GPS of C. Morel.png', { type: 'image/png' }))
  const answer = await room.app.request(`http://127.0.0.1${address}`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' },
    body,
  })
  return { status: answer.status, text: spaced(await answer.text()), to: answer.headers.get('location') ?? '' }
}
/** Says the words, sends the file, and tells where the browser is then. */
const add = async (form: Readonly<Record<string, string>>, bytes: Uint8Array) => {
  const said = await room.send(`${list}/add`, form)
  expect([said.status, said.to]).toEqual([303, expect.stringMatching(/^\/room\/plates\/uploads\/[0-9a-f-]{36}$/)])
  const upload = said.to
  expect((await sendFile(`${upload}/file`, bytes)).to).toBe(upload)
  const seen = await room.get(upload, { 'accept-language': 'en' })
  return { upload, status: seen.status, to: seen.headers.get('location') ?? '', text: spaced(await seen.text()) }
}
const plates = async () => (await room.opened.services.plates.list()).length
const history = async () => (await room.opened.services.history.list(50)).filter((one) => one.of === 'plate')

describe('the list', () => {
  test('has what a clearance covers, the newest first, and nothing of what is above', async () => {
    const [green, red] = [await store(), await store({ marking: 'TLP:RED', caption: { fr: 'Secrète', en: 'Secret' } })]
    later()
    const newest = await store({ caption: { fr: 'Dernière', en: 'The latest' } })
    const all = await page(list)
    expect(all.text.indexOf(newest.sha256)).toBeLessThan(all.text.indexOf(green.sha256))
    expect(all.text).toContain(red.sha256)
    expect(all.text).toMatch(/alt="Drawing of a house"/)
    expect((await page(list, 'fr')).text).toMatch(
      /Dernière.*alt="Schéma d’une maison"|alt="Schéma d’une maison".*Dernière/s,
    )
    await room.as(low, async () => {
      const seen = await page(list)
      expect(seen.text).toContain(newest.sha256)
      expect(seen.text).not.toMatch(new RegExp(`${red.sha256}|Secret|TLP:RED`))
      for (const rest of ['', '/picture', '/remove']) {
        const [hidden, none] = [await page(of(red, rest)), await page(`${list}/${'0'.repeat(64)}${rest}`)]
        expect([hidden.status, hidden.text.replaceAll(red.sha256, '0'.repeat(64))]).toEqual([404, none.text])
      }
    })
    await room.as(inRole('reader'), async () => expect((await page(list)).status).toBe(403))
  })

  test('goes on page by page, each plate once', async () => {
    for (let more = 0; more < 14; more += 1) {
      later()
      await store()
    }
    const hashesOn = (text: string) => [
      ...new Set([...text.matchAll(/href="\/room\/plates\/([0-9a-f]{64})"/g)].map(([, hash]) => hash)),
    ]
    const first = await page(list)
    const next = /href="(\/room\/plates\?after=[0-9a-f]{64})"/.exec(first.text)?.[1] ?? ''
    const second = await page(next)
    expect(hashesOn(first.text)).toHaveLength(12)
    expect([...hashesOn(first.text), ...hashesOn(second.text)]).toHaveLength(await plates())
    expect(new Set([...hashesOn(first.text), ...hashesOn(second.text)]).size).toBe(await plates())
    expect((await page(`${list}?after=${'0'.repeat(64)}`)).status).toBe(400)
  })
})

test('a picture is its stored bytes, of its own type, kept by nobody on the way', async () => {
  const plate = await store()
  const answer = await room.get(of(plate, '/picture'))
  expect(answer.status).toBe(200)
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(plate.sha256)
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  })
  expect(room.logged.at(-1)).toMatchObject({
    what: 'picture opened',
    facts: { plate: plate.sha256, marking: 'TLP:GREEN' },
  })
  await room.as(undefined, async () => expect((await room.get(of(plate, '/picture'))).status).toBe(401))
})

describe('adding one', () => {
  test('takes the words first, then the file, and keeps of it nothing but the masked picture', async () => {
    const file = pictureNumber(900)
    const added = await add(words, file)
    const hash = sha256(file)
    expect(added).toMatchObject({ status: 303, to: `${list}/${hash}` })
    const [plate] = await room.opened.services.plates.named([hash])
    expect(plate).toMatchObject({ masks: 2, by: 'C. Morel', marking: 'TLP:GREEN', caption: { en: 'A house' } })
    expect((await history())[0]).toMatchObject({ did: 'added', id: hash, by: 'C. Morel' })
    const seen = await page(`${list}/${hash}`)
    expect(seen.text).toMatch(/A house from the front.*two|2 regions/s)
    // The same once more is the same plate, and its upload is over.
    expect((await add(words, file)).to).toBe(`${list}/${hash}`)
    expect((await sendFile(`${added.upload}/file`, pictureNumber(901))).to).toBe(added.upload)
    expect(await room.opened.services.plates.named([sha256(pictureNumber(901))])).toEqual([])
  })

  test.each([
    ['neither regions nor a word that there are none', { masks: '' }, 'masks'],
    ['both', { nothing: 'yes' }, 'masks'],
    ['a region that is none', { masks: '1,2,3' }, 'masks'],
    ['no caption in one language', { 'caption.fr': ' ' }, 'caption.fr'],
    ['no text for who does not see it', { 'alt.en': '' }, 'alt.en'],
    ['no marking', { marking: '' }, 'marking'],
    ['a day that there is not', { date: '2024-13-40' }, 'date'],
    ['an address that is none', { archive: 'javascript:alert(1)' }, 'archive'],
    ['changes in one language', { 'changes.fr': 'Recadrage' }, 'changes.en'],
    ['a pair without its role', { partner: 'a'.repeat(64) }, 'role'],
    ['a pair that nobody knows', { partner: 'a'.repeat(64), role: 'diverted' }, 'partner'],
    ['a hash that is none', { partner: 'x', role: 'original' }, 'partner'],
    ['a crop that is none', { crop: '1,2,3,0' }, 'crop'],
    ['a crop of an original', { partner: 'a'.repeat(64), role: 'original', crop: '1,2,3,4' }, 'crop'],
    ['nobody', { by: '' }, 'by'],
  ])('refuses %s, beside the field, and keeps nothing', async (_, wrong, name) => {
    for (const language of ['fr', 'en']) {
      const form = { token: formToken, ...words, ...wrong }
      const answer = await room.post(`${list}/add`, form, { 'accept-language': language })
      const text = await answer.text()
      expect([answer.status, text.includes(`id="${name}-wrong"`)]).toEqual([422, true])
      expect(text).toContain('A house')
    }
  })

  test('lets nobody say a marking above his own, nor pair with what he may not know', async () => {
    const red = await store({ marking: 'TLP:RED' })
    await room.as(low, async () => {
      expect((await room.page(`${list}/add`)).text).not.toContain('TLP:AMBER')
      expect((await room.send(`${list}/add`, { ...words, marking: 'TLP:AMBER' })).status).toBe(422)
      const [hidden, none] = await Promise.all(
        [red.sha256, 'a'.repeat(64)].map((partner) =>
          room.send(`${list}/add`, { ...words, partner, role: 'diverted' }),
        ),
      )
      expect([hidden?.status, hidden?.text.replaceAll(red.sha256, 'a'.repeat(64))]).toEqual([422, none?.text])
    })
  })

  test('takes the region of its original that it shows, where that holds it, and tells of it with the original alone', async () => {
    const original = await store({ marking: 'TLP:AMBER' })
    const pair = { ...words, partner: original.sha256, role: 'diverted' }
    for (const [language, said] of [
      ['en', 'the crop 150,0,11,10 reaches beyond the original, which has 160 × 100 pixels'],
      ['fr', 'le recadrage 150,0,11,10 sort de l’original, qui a 160 × 100 pixels'],
    ] as const) {
      const form = { token: formToken, ...pair, crop: '150,0,11,10' }
      const answer = await room.post(`${list}/add`, form, { 'accept-language': language })
      expect([answer.status, spaced(await answer.text())]).toEqual([422, expect.stringContaining(said)])
    }
    const added = await add({ ...pair, crop: ' 120,10,40,30 ' }, pictureNumber(950))
    const diverted = { sha256: added.to.split('/').at(-1) ?? '' }
    expect(await room.opened.services.plates.named([diverted.sha256])).toMatchObject([
      { crop: { x: 120, y: 10, width: 40, height: 30 }, divertedFrom: original.sha256 },
    ])
    expect((await page(of(diverted))).text).toMatch(/Region of its original that it shows.*120,10,40,30/s)
    expect((await page(of(diverted), 'fr')).text).toMatch(/Partie de son original qu’elle montre.*120,10,40,30/s)
    expect((await page(`${list}/add?like=${diverted.sha256}`)).text).toContain('value="120,10,40,30"')
    await room.as(low, async () => {
      for (const address of [of(diverted), `${list}/add?like=${diverted.sha256}`]) {
        const { status, text } = await page(address)
        expect(status).toBe(200)
        expect(text).not.toMatch(new RegExp(`120,10,40,30|${original.sha256}`))
      }
    })
  })

  test('says what is wrong with a file in the reader’s language, and lets the words be said again', async () => {
    const before = await plates()
    const refused = await add(words, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
    expect(refused.status).toBe(200)
    expect(refused.text).toContain('a picture is a PNG, a JPEG or a WebP')
    const french = await page(refused.upload, 'fr')
    expect(french.text).toMatch(/role="alert"><bdi>[^<]*un PNG, un JPEG ou un WebP/)
    const again = await page(`${list}/add?upload=${refused.upload.split('/').at(-1)}`)
    expect(again.text).toMatch(/40,30,40,40\n100,10,20,20.*A house from the front/s)
    const beyond = await add({ ...words, masks: '0,0,999,999' }, pictureNumber(902))
    expect(beyond.text).toMatch(/the mask 0,0,999,999 reaches beyond the picture/)
    expect(await plates()).toBe(before)
  })

  test('tells of a plate that stands in the way to who may know it, and to nobody else', async () => {
    const [open, red] = [await store(), await store({ marking: 'TLP:RED' })]
    const told = await add(words, pictureNumber(number - 1))
    expect(told.text).toMatch(/with other texts or masks/)
    expect(told.text).toContain(of(open))
    await room.as({ ...low, who: 'other' }, async () => {
      const hidden = await add(words, pictureNumber(number))
      expect(hidden.text).toContain('it cannot be added: ask who runs this service')
      expect(hidden.text).not.toMatch(new RegExp(`${red.sha256}|C. Morel, |RED`))
    })
  })

  test('is its own author’s alone, of this session, and of so many bytes', async () => {
    const { to } = await room.send(`${list}/add`, { ...words, 'caption.en': hostile, source: hostile })
    const seen = await room.page(to)
    expect(seen.text).not.toContain('<script>')
    expect(seen.text).toContain('&lt;script&gt;')
    await room.as({ who: 'another' }, async () => expect((await room.page(to)).status).toBe(404))
    expect((await sendFile(`${to}/file`, pictureNumber(903), 'another token')).status).toBe(403)
    expect((await sendFile(`${to}/file`, new Uint8Array())).status).toBe(422)
    expect((await sendFile(`${to}/file`, new Uint8Array(20_000_001))).status).toBe(413)
    expect(await room.opened.services.plates.named([sha256(pictureNumber(903))])).toEqual([])
  })
})

const lockOn = async (id: string) =>
  /name="revision" value="([^"]+)"/.exec((await page(`/room/detections/${id}/correct`)).text)?.[1] ?? ''

describe('a detection', () => {
  test('names plates by the form that corrects it, and those that somebody may not know stay', async () => {
    const [green, red, other] = [await store(), await store({ marking: 'TLP:RED' }), await store()]
    const record = input({ id: 'plated-1', territories: ['NC'], marking: 'TLP:GREEN', plates: [red.sha256] })
    await ingestInto(room.opened, [record])
    const correct = '/room/detections/plated-1/correct'
    await room.as(low, async () => {
      const form = { revision: '1', plates: green.sha256, by: 'Ana', reason: 'shown' }
      expect((await page(correct)).text).not.toContain(red.sha256)
      const unknown = await room.send(correct, { ...form, do: 'look', plates: red.sha256 })
      expect([unknown.status, unknown.text.includes('plates-wrong')]).toEqual([422, true])
      const look = await room.send(correct, { ...form, do: 'look' })
      expect([look.status, look.text.includes(red.sha256.slice(0, 16))]).toEqual([200, false])
      expect(look.text).toContain(green.sha256.slice(0, 16))
      expect(await room.send(correct, { ...form, do: 'do' })).toMatchObject({ status: 303 })
      const shown = await page('/room/detections/plated-1')
      expect(shown.text).toContain(of(green, '/picture'))
      expect(shown.text).not.toContain(red.sha256)
      expect((await page('/room/history')).text).not.toContain('evidence images')
    })
    expect((await room.opened.services.detections.latest('plated-1'))?.plates).toEqual([green.sha256, red.sha256])
    expect((await page('/room/detections/plated-1')).text).toContain(of(red, '/picture'))

    // The list and each plate name it, to who may know of it.
    expect((await page(of(green))).text).toContain('/room/detections/plated-1')
    expect((await page(of(other))).text).not.toContain('/room/detections/plated-1')
    await room.as({ ...low, territories: ['PF'] }, async () => {
      expect((await page(of(green))).text).not.toContain('plated-1')
    })
  })

  test('names none any more where the field is emptied, but for those that the person may not know', async () => {
    const [green, red] = [await store(), await store({ marking: 'TLP:RED' })]
    const record = (id: string, plates: string[]) => input({ id, territories: ['NC'], marking: 'TLP:GREEN', plates })
    await ingestInto(room.opened, [record('plated-4', [green.sha256]), record('plated-5', [green.sha256, red.sha256])])
    const form = { plates: '', by: 'Ana', reason: 'the wrong one', do: 'do' }
    await room.as(low, async () => {
      for (const id of ['plated-4', 'plated-5']) {
        const revision = await lockOn(id)
        expect((await room.send(`/room/detections/${id}/correct`, { ...form, revision })).status).toBe(303)
        expect((await page(`/room/detections/${id}`)).text).not.toContain(list + '/')
      }
    })
    expect((await room.opened.services.detections.latest('plated-4'))?.plates).toBeUndefined()
    expect((await room.opened.services.detections.latest('plated-5'))?.plates).toEqual([red.sha256])
  })

  test('whose lower marking waits tells who confirms it nothing of plates above his clearance', async () => {
    const red = await store({ marking: 'TLP:RED' })
    await ingestInto(room.opened, [input({ id: 'plated-6', territories: ['NC'], marking: 'TLP:AMBER' })])
    const form = { revision: '1', marking: 'TLP:GREEN', plates: red.sha256, by: 'Ana', reason: 'published', do: 'do' }
    const asked = await room.send('/room/detections/plated-6/correct', form)
    expect(asked).toMatchObject({ status: 303, to: '/room/inbox#lowered' })
    const [record] = await Array.fromAsync(room.opened.services.detections.contested('plated-6'))
    const address = `/room/detections/plated-6/lower/${record?.sha256}`
    expect((await page(address)).text).toContain(red.sha256.slice(0, 16))
    await room.as(inRole('analyst', { clearance: 'TLP:AMBER', territories: ['NC'] }), async () => {
      const seen = await page(address)
      expect(seen.status).toBe(200)
      expect(seen.text).not.toMatch(new RegExp(`${red.sha256.slice(0, 16)}|vidence images<`))
    })
  })

  test('that was withdrawn, or names another one now, is no longer beside the plate', async () => {
    const [first, second] = [await store(), await store()]
    await ingestInto(room.opened, [input({ id: 'plated-2', territories: ['NC'], plates: [first.sha256] })])
    expect((await page(of(first))).text).toContain('plated-2')
    const revision = await lockOn('plated-2')
    const form = { revision, plates: second.sha256, by: 'Ana', reason: 'the other', do: 'do' }
    expect((await room.send('/room/detections/plated-2/correct', form)).status).toBe(303)
    // No number counts plates: of two who saw the same ones, the other is told all the same.
    expect(await room.send('/room/detections/plated-2/correct', { ...form, plates: '' })).toMatchObject({ status: 409 })
    expect((await page(of(first))).text).not.toContain('plated-2')
    expect((await page(of(second))).text).toContain('plated-2')
    later()
    await room.opened.services.detections.withdraw(
      'plated-2',
      { by: 'a test', reason: 'a test' },
      room.opened.services.clock(),
    )
    expect((await page(of(second))).text).not.toContain('plated-2')
  })
})

describe('an original that reports show beside its diversions alone', () => {
  test('names these and their detections, up to the reader’s clearance', async () => {
    const original = await store({ marking: 'TLP:GREEN' })
    const first = await store({
      divertedFrom: original.sha256,
      marking: 'TLP:GREEN',
      caption: { fr: 'Une', en: 'One' },
    })
    const second = await store({
      divertedFrom: original.sha256,
      marking: 'TLP:AMBER',
      caption: { fr: 'Deux', en: 'Two' },
    })
    const alone = await store({ divertedFrom: original.sha256, caption: { fr: 'Trois', en: 'Three' } })
    await ingestInto(room.opened, [
      input({ id: 'beside-1', territories: ['NC'], marking: 'TLP:GREEN', plates: [first.sha256] }),
      input({ id: 'beside-2', territories: ['NC'], marking: 'TLP:AMBER', plates: [first.sha256, second.sha256] }),
    ])
    later()
    const { text } = await page(of(original))
    expect(text).toContain('None that you may know of names it itself.')
    expect(text).toMatch(/It is the original of:.*One.*beside-1.*beside-2/s)
    expect(text).toMatch(/It is the original of:.*Two.*beside-2/s)
    expect(text).toMatch(/Three.*No detection that you may know of names it/s)
    expect((await page(of(original), 'fr')).text).toMatch(/Elle est l’original de :.*Une.*beside-1/s)
    expect((await page(list)).text).toMatch(/shown next to pictures that 2 detections name: .*beside-1.*beside-2/s)
    await room.as(low, async () => {
      const seen = await page(of(original))
      expect(seen.text).toMatch(/It is the original of:.*One.*beside-1/s)
      expect(seen.text).not.toMatch(new RegExp(`beside-2|Two|${second.sha256}|AMBER`))
      expect((await page(list)).text).toMatch(/shown next to a picture that one detection names: .*beside-1/s)
    })
    // The diversion is named itself; its original shows beside it, and names no other.
    expect((await page(of(alone))).text).toContain('None that you may know of. A detection')
  })

  test('a detection is read once for its own page, plates and all', async () => {
    const plate = await store()
    await ingestInto(room.opened, [input({ id: 'read-once', territories: ['NC'], plates: [plate.sha256] })])
    later()
    const { services } = room.opened
    const asked: string[] = []
    const detections: typeof services.detections = {
      ...services.detections,
      stored: async (ids) => {
        asked.push(...ids)
        return services.detections.stored(ids)
      },
    }
    const told = await explainDetection('read-once', undefined, everything, { ...services, detections })
    expect(told?.plates.map(({ sha256: hash }) => hash)).toEqual([plate.sha256])
    expect(asked).toEqual(['read-once'])
    expect((await page('/room/detections/read-once')).text).toContain(of(plate))
  })
})

describe('removing one', () => {
  test('shows first which versions hold it; then the picture is gone for good, and they lead to their recall', async () => {
    const plate = await store()
    const record = input({ id: 'plated-3', territories: ['NC'], marking: 'TLP:GREEN', plates: [plate.sha256] })
    await ingestInto(room.opened, [record])
    const asked = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    const { report } = await generateReport(asked, room.opened.services)
    const seen = await page(of(plate, '/remove'))
    expect(seen.text).toMatch(/One published version that you may read holds it/)
    expect(seen.text).toContain(`Version ${report.version}`)
    const nameless = await room.send(of(plate, '/remove'), { do: 'do', by: 'A. Roy', reason: '' })
    expect([nameless.status, (await room.get(of(plate, '/picture'))).status]).toEqual([422, 200])

    await room.as(inRole('reader'), async () =>
      expect((await room.send(of(plate, '/remove'), { do: 'do', by: 'x', reason: 'x' })).status).toBe(403),
    )
    later()
    const form = { do: 'do', by: 'A. Roy', reason: hostile }
    expect(await room.send(of(plate, '/remove'), form)).toMatchObject({ status: 303, to: of(plate) })
    const gone = await page(of(plate))
    expect(gone.text).toContain('Removed by A. Roy')
    expect(gone.text).not.toContain('<script>')
    expect(gone.text).toContain(`/room/NC/2024-W20/amber/${report.version}/recall`)
    expect((await room.get(of(plate, '/picture'))).status).toBe(404)
    expect(await room.opened.services.pictures?.get(plate.sha256)).toBeUndefined()
    expect((await history()).filter(({ id }) => id === plate.sha256)).toMatchObject([
      { did: 'forgotten' },
      { did: 'added' },
    ])
    expect((await page(list)).text).toContain('Picture removed')
    expect((await page('/room/history')).text).toMatch(/picture removed/)
    // Once is for good: the form leads to what became of it.
    expect((await room.get(of(plate, '/remove'))).status).toBe(303)
    await room.as(inRole('analyst'), async () => expect((await page(of(plate))).text).not.toContain('/recall"'))
    await room.as(low, async () => {
      const text = (await page(of(plate))).text
      expect(text).not.toContain('/room/NC/2024-W20/amber')
    })
  })
})
