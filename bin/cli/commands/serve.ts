import { type Command, InvalidArgumentError } from 'commander'
import { markingAsked, periodAsked, portAsked, subjectAsked } from '../arguments.ts'
import type { CliContext } from '../home/context.ts'
import { say } from '../output/terminal.ts'
import { globalsOf } from '../run.ts'
import { command } from '../table.ts'
import { argument, option } from '../words.ts'

const serving = {
  port: option('--port <number>', 'port on loopback')
    .or('8080')
    .read((word, written) => portAsked(word, written, 65_535)),
}

const onHome = <Asked>(asked: Asked, self: Command): Asked => {
  const { stage } = globalsOf(self)
  if (stage === undefined) return asked
  throw new InvalidArgumentError(`--stage: ${stage} has its own address; this opens the data folder of this machine`)
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
    description: 'serve, and make what is due: reports, mails, digests, drafts, expiry (docs/sharing.md)',
    takes: serving,
    check: onHome,
    run: (asked, context) => served(asked, context, true),
  }),
]

const served = async ({ port }: { readonly port: number }, context: CliContext, isService = false) => {
  const { serve } = await import('../home/server.ts')
  const { url, site, entrance, token, resumed, enqueue, ended } = await serve({ port }, context)
  say(`${entrance} opens the reading room: archive, requests, mail, watch of the sources`)
  say('Keep that address secret: it opens everything, until Vigie ends. It listens on loopback only.')
  say(`Programs send its token: Authorization: Bearer ${token}`)
  say(`${url} opens the links of the mails in ${context.folder}/outbox`)
  if (resumed > 0) say(`Requests that an earlier start has left, and that are made now: ${resumed}`)
  if (site !== url) say(`Mails name ${site}, as VIGIE_SITE or room in vigie.json does`)
  say('Codes come as mails into the outbox. Ctrl-C ends it.')
  if (isService) {
    const { keepRunning, serviceOn } = await import('../home/service.ts')
    await keepRunning(serviceOn(context, enqueue), context.stopping)
  }
  await ended
  return { value: { url }, lines: [] }
}
