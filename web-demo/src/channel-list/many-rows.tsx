import { Virtualizer } from 'virtua';
import type { RowsProps } from './channel-rows.tsx';

/** Up to a thousand channels, of which those on the screen are drawn. */
export const ManyRows = ({ rows, handle, keepMounted }: RowsProps) => (
  <Virtualizer ref={handle} as="ul" item="li" keepMounted={keepMounted}>
    {[...rows]}
  </Virtualizer>
);
