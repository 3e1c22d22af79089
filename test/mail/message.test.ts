/** Mails as bytes, read by another program than the one that wrote them. */
import fc from 'fast-check'
import PostalMime from 'postal-mime'
import { describe, expect, it } from 'vitest'
import { digestLetterOf } from '../../lambdas/domain/delivery/digest-letter.ts'
import type { Letter } from '../../lambdas/domain/delivery/letter.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { partsOf } from '../../lambdas/mail/body.ts'
import { composeMail, composeWithin, type Envelope, fitsBudget } from '../../lambdas/mail/message.ts'
import { trendPicture } from '../../lambdas/mail/picture.ts'
import { codeMail, confirmationMail, recallMail } from '../../lambdas/mail/short-mail.ts'
import { detectionAsOf } from '../support/detections.ts'
import { greenReport, letterOn, links } from '../support/letters.ts'
import { reportOn } from '../support/reports.ts'
import { hostileReport } from '../support/stress.ts'

const envelope = (said: Partial<Envelope> = {}): Envelope => ({
  from: { name: 'Vigie', address: 'vigie@example.org' },
  to: { name: 'Claire Durand', address: 'c.durand@prefecture.example' },
  unsubscribe: links.unsubscribe,
  attachments: [],
  date: new Date('2024-05-20T06:30:00.000Z'),
  id: 'delivery-1',
  ...said,
})

const pdf = { name: 'NC-2024-W20.fr.pdf', contentType: 'application/pdf', bytes: new TextEncoder().encode('%PDF-1.7') }

const compose = async (letter: Letter, said: Partial<Envelope> = {}) => {
  const mail = await composeMail(letter, envelope(said))
  const source = new TextDecoder('latin1').decode(mail.raw)
  const [head = '', ...rest] = source.split('\r\n\r\n')
  return { mail, source, head, body: rest.join('\r\n\r\n'), read: await PostalMime.parse(mail.raw) }
}

/** The lines of a head, unfolded, by name. */
const fields = (head: string): ReadonlyMap<string, readonly string[]> => {
  const named = new Map<string, string[]>()
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const at = line.indexOf(':')
    const name = line.slice(0, at).toLowerCase()
    named.set(name, [...(named.get(name) ?? []), line.slice(at + 1).trim()])
  }
  return named
}

const names = [
  'auto-submitted',
  'content-language',
  'content-type',
  'date',
  'from',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'message-id',
  'mime-version',
  'reply-to',
  'subject',
  'to',
  'x-auto-response-suppress',
  'x-vigie-delivery',
]

it('marks what a source says in another language than the mail', () => {
  const report = reportOn([detectionAsOf({ title: { en: 'Only English' }, marking: 'TLP:GREEN' })], {
    cap: 'TLP:GREEN',
  })
  const { html, text } = partsOf(letterOn(report, { recipient: { language: 'fr' } }), 'trend')
  expect(html).toMatch(/<bdi lang="en">[^<]*Only English/)
  expect(text).toContain('Only English')
})

describe('a mail', () => {
  it('has the headers that it needs, each once', async () => {
    const { head, mail, read } = await compose(letterOn(greenReport()))
    const all = fields(head)
    expect([...all.keys()].sort()).toEqual(names)
    expect([...all.values()].every((values) => values.length === 1)).toBe(true)
    const field = (name: string) => all.get(name)?.[0]
    expect(field('list-unsubscribe')).toBe(`<${links.unsubscribe}>`)
    expect(field('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
    expect(field('auto-submitted')).toBe('auto-generated')
    expect(field('x-auto-response-suppress')).toBe('All')
    expect(field('content-language')).toBe('fr')
    expect(field('x-vigie-delivery')).toBe('delivery-1')
    expect(field('message-id')).toBe('<delivery-1@example.org>')
    expect(field('date')).toBe('Mon, 20 May 2024 06:30:00 +0000')
    expect(read.from).toEqual({ name: 'Vigie', address: 'vigie@example.org' })
    expect(read.to).toEqual([{ name: 'Claire Durand', address: 'c.durand@prefecture.example' }])
    expect(read.subject).toBe(mail.subject)
    expect(read.subject).toMatch(/^\[TLP:GREEN\] Nouvelle-Calédonie, semaine 20 de 2024/)
  })

  it('says the same in text and HTML, the marking first', async () => {
    const { read } = await compose(letterOn(greenReport()))
    expect(read.text?.startsWith('TLP:GREEN\n')).toBe(true)
    const seen = (read.html ?? '').replace(/[\s\S]*<body[^>]*>/, '').replace(/<!--[\s\S]*?-->|<[^>]+>|\s+/g, ' ')
    expect(seen.trim().startsWith('TLP:GREEN')).toBe(true)
    for (const text of [read.text, read.html]) {
      expect(text).toContain('Nouvelle-Calédonie')
      expect(text).toContain(links.read)
      expect(text).toContain(links.unsubscribe)
      expect(text?.replace(/\s/g, ' ')).toContain('Au moins 5 332 messages')
    }
    expect(read.text?.split('\n').filter((line) => line.length > 78 && !line.startsWith('https://'))).toEqual([])
  })

  it('carries the trend as an inline picture that its HTML shows', async () => {
    const letter = letterOn(greenReport())
    const { read } = await compose(letter)
    const [picture, ...more] = read.attachments
    expect(more).toEqual([])
    expect(picture).toMatchObject({ mimeType: 'image/png', disposition: 'inline', related: true })
    expect(read.html).toContain(`src="cid:${picture?.contentId?.replace(/[<>]/g, '')}"`)
    const trend = letter.shownFindings?.trend
    if (!trend) throw new Error('the letter has no trend')
    expect(Buffer.from(picture?.content as ArrayBuffer).equals(trendPicture(trend, letter.accent))).toBe(true)
    expect(read.html).toContain(`alt="${trend.spoken}"`)
  })

  it('carries files under their names, byte for byte', async () => {
    const { read } = await compose(letterOn(greenReport(), { attached: true }), { attachments: [pdf] })
    const [, file] = read.attachments
    expect(file).toMatchObject({ filename: pdf.name, mimeType: 'application/pdf', disposition: 'attachment' })
    expect(new Uint8Array(file?.content as ArrayBuffer)).toEqual(pdf.bytes)
  })

  it('asks for nothing from elsewhere, and runs nothing', async () => {
    const { read } = await compose(letterOn({ ...hostileReport(), marking: 'TLP:GREEN' }))
    const html = read.html ?? ''
    const addresses = [...html.matchAll(/(?:src|href|background|action)="([^"]*)"/g)].map(([, address]) => address)
    expect(new Set(addresses.filter((address) => !address?.startsWith('cid:')))).toEqual(
      new Set([links.read, links.unsubscribe]),
    )
    expect(html).not.toMatch(/<script|<link|<iframe|<form|<svg|javascript:|@import|url\(|\son\w+=/i)
  })

  it('is the same bytes for the same letter', async () => {
    const [one, other] = await Promise.all([compose(letterOn(greenReport())), compose(letterOn(greenReport()))])
    expect(one.source).toBe(other.source)
    expect((await compose(letterOn(greenReport()), { id: 'delivery-2' })).source).not.toBe(one.source)
  })

  it('has no line that a mail server would break, and nothing but ASCII', async () => {
    const { mail, source } = await compose(letterOn({ ...hostileReport(), marking: 'TLP:GREEN' }))
    expect(Math.max(...source.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998)
    expect(mail.raw.every((byte) => byte < 128)).toBe(true)
    expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })
})

describe('a header', () => {
  const evil = 'Claire\r\nBcc: all@example.org\r\n\r\n<script>'

  it('takes no line from a name, a subject or a file', async () => {
    const letter = letterOn(greenReport(), { recipient: { language: 'fr', name: evil, organisation: evil } })
    const { head, read } = await compose(
      { ...letter, subject: `[TLP:GREEN] ${evil}` },
      {
        to: { name: evil, address: 'c.durand@prefecture.example' },
        from: { name: evil, address: 'vigie@example.org' },
        attachments: [{ ...pdf, name: evil, contentType: 'application/pdf\r\nBcc: all@example.org' }],
      },
    )
    expect([...fields(head).keys()].sort()).toEqual(names)
    expect(read.bcc ?? []).toEqual([])
    expect(read.to?.map(({ address }) => address)).toEqual(['c.durand@prefecture.example'])
    expect(read.html).not.toContain('<script>')
  })

  it.each([
    [
      'long',
      'Préfecture de la région Guadeloupe, service de la coordination des politiques publiques '.repeat(5).trim(),
    ],
    ['of many scripts', 'Ноумеа 努美阿 누메아 Νουμέα ნუმეა 🏝️'],
    ['read from the right', 'محافظة كاليدونيا الجديدة'],
    ['with marks that mail gives a meaning', '"Durand, Claire" <c@example.org>; (a), \\b:'],
  ])('keeps a name that is %s', async (_, name) => {
    const { head, read } = await compose(letterOn(greenReport()), {
      to: { name, address: 'c.durand@prefecture.example' },
    })
    expect(read.to).toEqual([{ name, address: 'c.durand@prefecture.example' }])
    expect([...fields(head).keys()].sort()).toEqual(names)
  })

  it('takes nothing for encoded that only looks so', async () => {
    const { head, read } = await compose(letterOn(greenReport()), {
      to: { name: '=?UTF-8?Q?a=0D=0ABcc:_all@example.org?=', address: 'c.durand@prefecture.example' },
    })
    expect(read.to?.[0]?.name).toBe('= ?UTF-8?Q?a=0D=0ABcc:_all@example.org?=')
    expect([...fields(head).keys()].sort()).toEqual(names)
  })

  it('drops what would turn a name round', async () => {
    const { read } = await compose(letterOn(greenReport()), {
      to: { name: 'Claire\u202egro.live\u202c', address: 'c.durand@prefecture.example' },
    })
    expect(read.to?.[0]?.name).toBe('Clairegro.live')
  })

  it('never has more fields or readers, whatever the names are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (name) => {
        const { head, read } = await compose(letterOn(greenReport()), {
          to: { name, address: 'c.durand@prefecture.example' },
        })
        expect([...fields(head).keys()].sort()).toEqual(names)
        expect(read.to?.map(({ address }) => address)).toEqual(['c.durand@prefecture.example'])
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['c@example.org\r\nBcc: all@example.org'],
    ['c@example.org, all@example.org'],
    ['c@example.org>\u202e'],
    ['c d@example.org'],
    ['example.org'],
    [''],
  ])('refuses the address %j', async (address) => {
    await expect(composeMail(letterOn(greenReport()), envelope({ to: { address } }))).rejects.toThrow(
      'no mail goes to or from the address',
    )
    await expect(composeMail(letterOn(greenReport()), envelope({ from: { address } }))).rejects.toThrow(
      'no mail goes to or from the address',
    )
  })

  it.each(['javascript:alert(1)', 'mailto:a@example.org', 'no address', ''])(
    'refuses the link %j',
    async (unsubscribe) => {
      await expect(composeMail(letterOn(greenReport()), envelope({ unsubscribe }))).rejects.toThrow('is no web address')
    },
  )

  it.each(['a b', 'a\r\nBcc: x', '<a>', ''])('refuses the id %j', async (id) => {
    await expect(composeMail(letterOn(greenReport()), envelope({ id }))).rejects.toThrow('no delivery has the id')
  })
})

describe('a reply', () => {
  const about = { territory: 'Martinique', kind: 'rapport', period: 'semaine 20', marking: 'TLP:GREEN' } as const

  /** A mail of each kind, on a report of an organisation with this contact. */
  const mails = async (contact: string | undefined) => {
    const report: Report = { ...greenReport(), house: { contact } }
    const part = { report, read: links.read, content: 'findings', occasion: { kind: 'first' } } as const
    const language = 'fr' as const
    const { unsubscribe } = links
    const letters = [
      letterOn(report, { contact: undefined }),
      letterOn(report, { contact: undefined, occasion: { kind: 'correction', version: 1 } }),
      digestLetterOf({ recipient: { language }, parts: [part], late: [], paused: [], unsubscribe }),
    ]
    const to = { id: 'r1', address: 'prefet@example.org', language, territories: ['MQ' as const] }
    const short = { to, from: 'vigie@example.org', contact, date: new Date('2024-05-20T00:00:00Z') }
    const shortMails = await Promise.all([
      codeMail({ ...short, digits: '123456', about }),
      recallMail({ ...short, about: { ...about, version: 2 }, reason: undefined, inForce: undefined }),
      confirmationMail({ ...short, link: links.read, days: 7, organisation: undefined }),
    ])
    const sent = await Promise.all(letters.map((letter) => composeMail(letter, envelope())))
    return Promise.all([...sent, ...shortMails.map(({ mail }) => mail)].map(({ raw }) => PostalMime.parse(raw)))
  }

  it.each([
    ['veille@example.org', ['veille@example.org']],
    ['veille@préfecture.example', ['veille@xn--prfecture-c4a.example']],
    ['Cellule de veille, +687 12 34 56', undefined],
    ['veille@example.org\r\nBcc: all@example.org', undefined],
    ['veille@example.org, all@example.org', undefined],
    [undefined, undefined],
  ])('to any mail goes to the contact %j, if it is a mail address', async (contact, addresses) => {
    for (const { replyTo } of await mails(contact)) {
      expect(replyTo?.map(({ address }) => address)).toEqual(addresses)
    }
  })

  it('goes to the contact that this machine has, rather than to the one in the report', async () => {
    const report: Report = { ...greenReport(), house: { contact: 'before@example.org' } }
    const { read } = await compose(letterOn(report, { contact: 'veille@example.org' }))
    expect(read.replyTo?.map(({ address }) => address)).toEqual(['veille@example.org'])
  })
})

describe('what may not be told', () => {
  const secret = (said: object = {}) =>
    detectionAsOf({
      id: 'canari-id',
      observed: { from: '2024-05-15' },
      title: { fr: 'Canari jaune', en: 'Canari yellow' },
      summary: { fr: 'Canari vert' },
      narratives: [{ fr: 'Canari bleu' }],
      hashtags: ['#CanariRouge'],
      campaign: 'Canari',
      counts: { posts: 918_273, accounts: 645_546 },
      indicators: [{ type: 'url', value: 'https://canari.example/' }],
      marking: 'TLP:AMBER',
      ...said,
    })

  it('stands nowhere in the mail, in no encoding', async () => {
    for (const language of ['fr', 'en'] as const) {
      const letter = letterOn(reportOn([secret()]), { content: 'nothing', recipient: { language } })
      const { read, source } = await compose(letter)
      expect(read.attachments).toEqual([])
      const everywhere = [source, read.text, read.html, read.subject, JSON.stringify(read.headers)].join('\n')
      expect(everywhere).not.toMatch(/canari|918.?273|645.?546/i)
      expect(source).not.toContain(Buffer.from('Canari').toString('base64').slice(0, 7))
    }
  })

  it('is the same bytes whether the week was quiet or not', async () => {
    const sealed = (report: Report) => compose(letterOn({ ...report, marking: 'TLP:AMBER' }, { content: 'nothing' }))
    const [quiet, full] = await Promise.all([sealed(reportOn([])), sealed(reportOn([secret()]))])
    expect(quiet.source).toBe(full.source)
  })

  it('is not attached either, whoever asks for it', async () => {
    const letterFor = (attached: boolean) => letterOn(reportOn([secret()]), { content: 'nothing', attached })
    const { mail, attached } = await composeWithin(letterFor, envelope(), [pdf])
    expect(attached).toBe(false)
    expect((await PostalMime.parse(mail.raw)).attachments).toEqual([])
  })
})

describe('the budget', () => {
  const letterFor = (attached: boolean) => letterOn(greenReport(), { attached })
  const file = (size: number) => ({ ...pdf, bytes: new Uint8Array(size).fill(37) })

  it('is of the whole message: a file whose bytes would fit is left out for its growth', async () => {
    const bytes = 300_000
    const { mail, attached } = await composeWithin(letterFor, envelope(), [file(bytes)], bytes + 60_000)
    expect(attached).toBe(false)
    expect(fitsBudget(mail, bytes + 60_000)).toBe(true)
    expect((await PostalMime.parse(mail.raw)).text).not.toContain('joint à ce message')
  })

  it('lets a file in to the last byte, and no further', async () => {
    const { mail: largest } = await composeWithin(letterFor, envelope(), [file(100_000)], 10_000_000)
    const size = largest.raw.length
    const at = await composeWithin(letterFor, envelope(), [file(100_000)], size)
    expect(at).toMatchObject({ attached: true, mail: { raw: largest.raw } })
    expect((await PostalMime.parse(at.mail.raw)).text).toContain('joint à ce message')
    expect(await composeWithin(letterFor, envelope(), [file(100_000)], size - 1)).toMatchObject({ attached: false })
  })

  it('is ten megabytes unless said otherwise', async () => {
    expect((await composeWithin(letterFor, envelope(), [file(7_000_000)])).attached).toBe(true)
    expect((await composeWithin(letterFor, envelope(), [file(7_400_000)])).attached).toBe(false)
    expect((await composeWithin(letterFor, envelope(), [])).attached).toBe(false)
  })
})

describe('a short mail', () => {
  const envelope = { from: 'vigie@example.org', contact: undefined, date: new Date('2024-05-20T00:00:00Z') }
  const join = (address: string, organisation = 'Cellule de veille') =>
    confirmationMail({
      ...envelope,
      to: { id: 'r1', address, language: 'fr', territories: ['NC'] },
      link: 'https://reports.example.org/confirm/x',
      days: 7,
      organisation,
    })

  it('is composed as letters are: its lines end as mail servers want them, and no address ends a header', async () => {
    const { mail } = await join('prefet@example.org')
    const raw = Buffer.from(mail.raw).toString('latin1')
    expect(raw.match(/(?<!\r)\n/g)).toBeNull()
    await expect(join('a@example.org>\r\nBcc: evil@example.org')).rejects.toThrow('no mail goes to or from the address')
  })
})
