import { type Command, InvalidArgumentError } from 'commander'
import { signInPaths } from '../../../lambdas/domain/access/sign-in.ts'
import { issuerAsked, markingAsked, originAsked, periodAsked, portAsked, subjectAsked } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import type { ServeAsked } from '../home/server.ts'
import { say } from '../output/terminal.ts'
import { globalsOf } from '../run.ts'
import { command } from '../table.ts'
import { argument, option } from '../words.ts'

const serving = {
  port: option('--port <number>', 'port on loopback')
    .or('8080')
    .read((word, written) => portAsked(word, written, 65_535)),
  publicUrl: option('--public-url <url>', 'https address of the reverse proxy in front (docs/sharing.md)').read(
    originAsked,
  ),
  issuer: option(
    '--issuer <url>',
    'OpenID Connect issuer that people sign in at; needs --public-url and --client-id',
  ).read(issuerAsked),
  clientId: option('--client-id <id>', 'id of Vigie at the issuer; its secret is in VIGIE_CLIENT_SECRET').filled(),
}

type Written = {
  readonly port: number
  readonly publicUrl?: string | undefined
  readonly issuer?: string | undefined
  readonly clientId?: string | undefined
}

const onHome = ({ port, publicUrl, issuer, clientId }: Written, self: Command): ServeAsked => {
  const { stage } = globalsOf(self)
  if (stage !== undefined)
    throw new InvalidArgumentError(`--stage: ${stage} has its own address; this opens the data folder of this machine`)
  if (issuer === undefined && clientId === undefined) return { port, publicUrl }
  if (issuer === undefined || clientId === undefined)
    throw new InvalidArgumentError('--issuer and --client-id belong to each other: give both')
  if (publicUrl === undefined)
    throw new InvalidArgumentError(
      '--issuer: the issuer sends people back to --public-url: give the address of your proxy',
    )
  return { port, publicUrl, signIn: { issuer, clientId } }
}

export const serveCommands = [
  command('preview', {
    description: 'serve a report on loopback, rendered again when templates, styles, messages or vigie.json change',
    takes: {
      territory: argument('<territory>').read(subjectAsked),
      period: argument('<period>').read(periodAsked),
      cap: option('--cap <tlp>', 'the edition').or('AMBER').read(markingAsked),
      port: option('--port <number>', 'port; a free one if omitted').or('0').read(portAsked),
    },
    check: ({ port, ...request }, self) => ({ request, port, templates: globalsOf(self).templates }),
    run: async ({ request, ...how }, context) => {
      const { preview } = await import('../preview.ts')
      const { url, ended } = await preview(request, how, context)
      say(`${url} shows ${request.territory} ${request.period.id}, in French and English; Ctrl-C ends it`)
      await ended
      return { value: { url }, lines: [] }
    },
  }),
  command('serve', {
    description: 'serve the reading room, the API and mail links on loopback',
    takes: serving,
    check: onHome,
    run: (asked, context) => served(asked, context),
  }),
  command('run', {
    description: 'serve, and make what is due: reports, mails, digests, expiry (docs/sharing.md)',
    takes: serving,
    check: onHome,
    run: (asked, context) => served(asked, context, true),
  }),
]

const served = async (asked: ServeAsked, context: CliContext, isService = false) => {
  const { serve } = await import('../home/server.ts')
  const { url, site, entrance, token, resumed, enqueue, ended } = await serve(asked, context)
  say(`${entrance} opens the reading room: archive, requests, mail, watch of the sources`)
  if (token === undefined) {
    const { readPeople } = await import('../../../lambdas/config/organisation-file.ts')
    const rights = (await readPeople(context.folder)) ? 'people in vigie.json' : 'the issuer’s claims'
    say(
      `People sign in at the issuer, with the rights of ${rights}; it sends back to ${asked.publicUrl}${signInPaths.back}`,
    )
    say(`Programs send a token of vigie tokens add. The proxy leads to ${url}: it listens on loopback only.`)
  } else {
    say('Keep that address secret: it opens everything, until Vigie ends. It listens on loopback only.')
    say(`Programs send its token: Authorization: Bearer ${token}`)
  }
  const own = asked.publicUrl ?? url
  const { smtp } = context.services.organisation.mail ?? {}
  const way = smtp === undefined ? `are written to ${context.folder}/outbox` : `leave by ${new URL(smtp).host}`
  say(`${own} opens the links of mails, which ${way}`)
  if (resumed > 0) say(`Requests that an earlier start has left, and that are made now: ${resumed}`)
  if (site !== own) say(`Mails name ${site}, as VIGIE_SITE or room in vigie.json does`)
  say('Codes come as mails. Ctrl-C ends it.')
  if (isService) {
    const { keepRunning, serviceOn } = await import('../home/service.ts')
    await keepRunning(serviceOn(context, enqueue), context.stopping)
  }
  await ended
  return { value: { url }, lines: [] }
}
