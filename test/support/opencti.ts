/**
 * What OpenCTI keeps of a bundle, of the types that a report holds: read from its source of 22 August 2026 (7.260817.0):
 * `import_from_stix2` of its Python client, its registered attributes, and its table of allowed relations.
 */

type Loose = { readonly type: string; readonly id: string; readonly [property: string]: unknown }

const ofAll =
  'type id spec_version created modified revoked created_by_ref object_marking_refs labels confidence lang external_references'

const observable = 'type id spec_version object_marking_refs labels external_references value'

const attributes = {
  'attack-pattern': `${ofAll} name description aliases kill_chain_phases x_mitre_id`,
  campaign: `${ofAll} name description aliases objective first_seen last_seen`,
  channel: `${ofAll} name description aliases channel_types`,
  'domain-name': observable,
  'email-addr': `${observable} display_name`,
  identity: `${ofAll} name description identity_class roles contact_information`,
  incident: `${ofAll} name description aliases objective first_seen last_seen incident_type severity source`,
  infrastructure: `${ofAll} name description aliases infrastructure_types kill_chain_phases first_seen last_seen`,
  'intrusion-set': `${ofAll} name description aliases goals first_seen last_seen`,
  'ipv4-addr': observable,
  'ipv6-addr': observable,
  // The country only decides that it is one.
  location: `${ofAll} name description latitude longitude precision country x_opencti_location_type`,
  'marking-definition': 'type id spec_version created modified name definition_type definition',
  narrative: `${ofAll} name description aliases narrative_types`,
  note: `${ofAll} abstract content authors likelihood note_types object_refs`,
  relationship: `${ofAll} relationship_type source_ref target_ref description start_time stop_time`,
  report: `${ofAll} name description published report_types object_refs`,
  'threat-actor': `${ofAll} name description aliases goals threat_actor_types first_seen last_seen`,
  url: observable,
  'user-account':
    'type id spec_version object_marking_refs labels external_references account_login account_type user_id',
} as const

/** Besides `related-to`, which any two objects may have. */
const relations = new Set([
  'attack-pattern targets identity',
  'attack-pattern targets location',
  'campaign attributed-to intrusion-set',
  'campaign attributed-to threat-actor',
  'campaign targets location',
  'campaign uses attack-pattern',
  'campaign uses channel',
  'campaign uses infrastructure',
  'campaign uses narrative',
  'channel belongs-to identity',
  'channel belongs-to intrusion-set',
  'channel belongs-to threat-actor',
  'incident attributed-to campaign',
  'incident attributed-to intrusion-set',
  'incident attributed-to threat-actor',
  'incident targets identity',
  'incident targets location',
  'incident uses attack-pattern',
  'incident uses channel',
  'incident uses infrastructure',
  'incident uses narrative',
  'infrastructure communicates-with domain-name',
  ...['domain-name', 'email-addr', 'ipv4-addr', 'ipv6-addr', 'url', 'user-account'].map(
    (type) => `infrastructure consists-of ${type}`,
  ),
  'intrusion-set attributed-to threat-actor',
  'intrusion-set targets location',
  'intrusion-set uses channel',
  'threat-actor attributed-to identity',
  'threat-actor impersonates identity',
  'threat-actor part-of threat-actor',
  'threat-actor targets location',
  'threat-actor uses channel',
])

/** What a report's bundle loses there, and why that is accepted. */
export const acceptedLosses: Readonly<Record<string, string>> = {
  'extension-definition': 'not imported; nothing there reads it',
  extensions: 'read by Vigie; figures and times are in the description, the first and the last time too',
  'location.administrative_area': 'the name identifies a location',
  defanged: 'values of observables are live there',
  'external_references without url': 'the description of evidence without an address; the note and the record have it',
  'relationships of the same ends merge': 'two links between the same actors; the report has both',
}

/** The names of what is lost, each once. */
export const openCtiLosses = (objects: readonly Loose[]): readonly string[] => {
  const typeOf = new Map(objects.map(({ id, type }) => [id, type]))
  const lost = objects.flatMap((object) => {
    const kept = (attributes as Readonly<Record<string, string>>)[object.type]?.split(' ')
    if (!kept) return [object.type]
    const properties = Object.keys(object).filter((name) => !kept.includes(name))
    const references = (object.external_references ?? []) as readonly { url?: string; external_id?: string }[]
    const { relationship_type: type, source_ref: from, target_ref: to } = object
    const written = `${typeOf.get(String(from))} ${String(type)} ${typeOf.get(String(to))}`
    return [
      ...properties.map((name) => (/^(?:extensions|defanged)$/.test(name) ? name : `${object.type}.${name}`)),
      ...(references.every(({ url, external_id: id }) => url ?? id) ? [] : ['external_references without url']),
      ...(object.type !== 'relationship' || type === 'related-to' || relations.has(written) ? [] : [written]),
    ]
  })
  const ends = objects.flatMap((one) =>
    one.type === 'relationship' ? [[one.relationship_type, one.source_ref, one.target_ref].join(' ')] : [],
  )
  const merged = new Set(ends).size < ends.length ? ['relationships of the same ends merge'] : []
  return [...new Set([...lost, ...merged])].sort()
}
