import { pushContract } from '../../schema/ports/push.contract.ts';
import { openWebWorld } from '../test/push/web-world.ts';

pushContract('web', openWebWorld);
