/**
 * Connects to conmon's attach sockets, which are SOCK_SEQPACKET: Node can't open those. One process for all containers,
 * as 5 MB for each would be more than all else that a container takes. It speaks frames with the engine on its stdin and
 * stdout: kind or order (1 byte), channel (4), length (4), payload.
 * Orders: 1 connect to `attach` in a folder, 2 input, 3 end of input, 4 close, 5 hold (read no more), 6 go on.
 * Answers: 0 connected, 2 stdout, 3 stderr, 4 ended, 5 so many bytes of input were taken.
 * It ends when the engine does; conmon takes that for the end of input where stdin ends with its first attachment.
 */
export const switchboardProgram = String.raw`
use strict; $0 = 'berth: streams of containers'; $SIG{PIPE} = 'IGNORE';
my (%socket, %fd, %queue, %over, %held); my $orders = '';
sub answer {
  my $frame = pack('CNN', $_[0], $_[1], length $_[2]) . $_[2]; my $sent = 0;
  while ($sent < length $frame) {
    my $n = syswrite(STDOUT, $frame, length($frame) - $sent, $sent);
    exit unless defined $n; $sent += $n;
  }
}
sub leave { my $id = $_[0]; my $s = delete $socket{$id}; close $s if $s; delete $_->{$id} for \%fd, \%queue, \%over, \%held; }
sub ended { leave($_[0]); answer(4, $_[0], ''); }
sub order {
  my ($kind, $id, $data) = @_;
  if ($kind == 1) {
    my $s;
    if (chdir($data) && socket($s, 1, 5, 0) && connect($s, pack('Sa108', 1, 'attach')) && fcntl($s, 4, 2048)) {
      $socket{$id} = $s; $fd{$id} = fileno $s; $queue{$id} = ''; chdir '/'; answer(0, $id, '');
    } else { chdir '/'; answer(4, $id, "$!"); }
    return;
  }
  return unless $socket{$id};
  if ($kind == 2) { $queue{$id} .= $data unless $over{$id}; }
  elsif ($kind == 3) { $over{$id} = 1; shutdown($socket{$id}, 1) if $queue{$id} eq ''; }
  elsif ($kind == 4) { leave($id); }
  elsif ($kind == 5) { $held{$id} = 1; }
  elsif ($kind == 6) { delete $held{$id}; }
}
sub output {
  my $id = $_[0]; my ($stream, $data, $end) = (0, '', 0);
  for (1 .. 16) {
    my $n = sysread($socket{$id}, my $packet, 65536);
    if (!$n) { $end = 1 unless !defined $n && ($! == 11 || $! == 4); last; }
    my $from = ord $packet;
    if ($from != $stream && $data ne '') { answer($stream, $id, $data); $data = ''; }
    $stream = $from; $data .= substr($packet, 1);
  }
  answer($stream, $id, $data) if $data ne '';
  ended($id) if $end;
}
sub input {
  my $id = $_[0];
  my $n = send($socket{$id}, substr($queue{$id}, 0, 8192), 0);
  if (!defined $n) { ($queue{$id}, $over{$id}) = ('', 1) unless $! == 11 || $! == 4; return; }
  substr($queue{$id}, 0, $n, ''); answer(5, $id, pack('N', $n));
  shutdown($socket{$id}, 1) if $over{$id} && $queue{$id} eq '';
}
while (1) {
  my ($r, $w) = ('', ''); vec($r, 0, 1) = 1;
  for my $id (keys %socket) { vec($r, $fd{$id}, 1) = 1 unless $held{$id}; vec($w, $fd{$id}, 1) = 1 if length $queue{$id}; }
  select($r, $w, undef, undef) > 0 or next;
  if (vec($r, 0, 1)) {
    sysread(STDIN, $orders, 262144, length $orders) or exit;
    my $at = 0;
    while (length($orders) - $at >= 9) {
      my ($kind, $id, $length) = unpack('CNN', substr($orders, $at, 9));
      last if length($orders) - $at - 9 < $length;
      order($kind, $id, substr($orders, $at + 9, $length)); $at += 9 + $length;
    }
    substr($orders, 0, $at, '');
  }
  for my $id (keys %socket) {
    input($id) if vec($w, $fd{$id}, 1);
    output($id) if $socket{$id} && vec($r, $fd{$id}, 1);
  }
}
`;
