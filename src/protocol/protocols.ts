import { registryOf } from '../registry/registry';
import { chooseOrderProtocol } from './choose-order-protocol';
import { expertsProtocol } from './experts-protocol';
import { oneShot } from './one-shot';
import type { Protocol } from './protocol';
import { roundsProtocol } from './rounds-protocol';

// biome-ignore lint/suspicious/noExplicitAny: asks and answers are the protocol's own, checked where they are used
type AnyProtocol = Protocol<any, any, any, any, any>;

const protocols = registryOf<AnyProtocol>('protocol', {
  'one-shot': oneShot,
  'choose-order': chooseOrderProtocol,
  rounds: roundsProtocol,
  experts: expertsProtocol,
});

/** The names of the conversations that there are. */
export const protocolNames: () => string[] = protocols.names;

/**
 * The protocol of a name, as threads and files call it.
 * @throws InvalidInput if there is none of that name
 */
export const protocolOf: (name: string) => AnyProtocol = protocols.get;
