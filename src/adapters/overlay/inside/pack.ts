/** Perl: writing a tar (pax) to stdout of what is in the folder one is in. */
export const packPart = String.raw`
my $out = ''; my %packed;
sub flush_out { while (length $out) { my $n = syswrite(STDOUT, $out); defined $n or exit 2; substr($out, 0, $n, '') } }
sub emit { $out .= $_[0]; flush_out() if length $out >= 262144 }
sub padding { my $over = $_[0] % 512; return $over ? "\0" x (512 - $over) : '' }
sub block {
  my ($name, $type, $mode, $uid, $gid, $size, $mtime, $link, $major, $minor) = @_;
  my $b = pack('a100 a8 a8 a8 a12 a12 A8 a1 a100 a8 a32 a32 a8 a8 a155 x12', $name, sprintf('%07o', $mode),
    sprintf('%07o', $uid), sprintf('%07o', $gid), sprintf('%011o', $size), sprintf('%011o', $mtime), '', $type, $link,
    "ustar\00000", '', '', sprintf('%07o', $major), sprintf('%07o', $minor), '');
  substr($b, 148, 8) = sprintf("%06o\0 ", unpack('%32C*', $b));
  return $b;
}
sub record {
  my ($key, $value) = @_; my $rest = length($key) + length($value) + 3; my $all = $rest + length $rest;
  $all = $rest + length $all; $all = $rest + length $all;
  return "$all $key=$value\n";
}
sub xattrs {
  my ($path) = @_; my $names = "\0" x 65536; my $most = length $names;
  my $n = syscall($number{llistxattr}, $path, $names, $most); return if $n <= 0;
  my @all;
  for my $name (split /\0/, substr($names, 0, $n)) {
    next unless $name eq 'security.capability' || $name =~ /^user\./;
    my $value = xattr($path, $name);
    # As root of a user namespace sets it (VFS_CAP_REVISION_3): with whose root that is at the end.
    if ($firstId && defined $value && $name eq 'security.capability' && length $value == 24) {
      my ($magic, @sets) = unpack('V6', $value); my $owner = pop @sets;
      $value = pack('V5', $magic & 0xffffff | 0x2000000, @sets) if $magic >> 24 == 3 && $owner == $firstId;
    }
    push @all, "SCHILY.xattr.$name", $value if defined $value;
  }
  return @all;
}
sub header {
  my ($name, $type, $mode, $uid, $gid, $size, $mtime, $link, $major, $minor, @pax) = @_;
  $uid = id_inside($uid); $gid = id_inside($gid);
  if (length $name > 100) { push @pax, path => $name }
  if (length $link > 100) { push @pax, linkpath => $link }
  if ($uid > 07777777) { push @pax, uid => $uid; $uid = 0 }
  if ($gid > 07777777) { push @pax, gid => $gid; $gid = 0 }
  my $whole = $size; if ($size > 8589934591) { push @pax, size => $size; $size = 0 }
  $mtime = 0 if $mtime < 0 || $mtime > 8589934591;
  if (@pax) {
    my $body = ''; while (my ($k, $v) = splice @pax, 0, 2) { $body .= record($k, $v) }
    emit(block('PaxHeader', 'x', 0644, 0, 0, length $body, 0, '', 0, 0) . $body . padding(length $body));
  }
  emit(block($name, $type, $mode, $uid, $gid, $size, $mtime, $link, $major & 07777777, $minor & 07777777, $whole));
}
# One thing and, of a folder, all that is in it. @$how: a sub that may take a thing over (returns true: it's done).
sub pack_path {
  my ($path, $name, $over) = @_;
  my @s = lstat $path or return;
  return if $over && $over->($path, $name, @s);
  my $mode = $s[2] & 07777;
  if (S_ISREG($s[2])) {
    sysopen(my $file, $path, O_RDONLY|O_NOFOLLOW|O_NONBLOCK) or ($! == 2 || $! == 40 ? return : oops("reading $path"));
    @s = stat $file; return unless S_ISREG($s[2]);
    my $key = "$s[0]:$s[1]";
    if ($s[3] > 1 && defined $packed{$key}) { header($name, '1', $mode, $s[4], $s[5], 0, $s[9], $packed{$key}, 0, 0); return }
    $packed{$key} = $name if $s[3] > 1;
    header($name, '0', $mode, $s[4], $s[5], $s[7], $s[9], '', 0, 0, xattrs($path));
    # Exactly what the header says, though the file may change meanwhile.
    my $left = $s[7]; my $piece;
    while ($left > 0) {
      my $n = sysread($file, $piece, $left < 262144 ? $left : 262144);
      defined $n or oops("reading $path");
      if ($n == 0) { my $z = $left < 262144 ? $left : 262144; $piece = "\0" x $z; $n = $z }
      emit($piece); $left -= $n;
    }
    emit(padding($s[7]));
  }
  elsif (S_ISDIR($s[2])) {
    header("$name/", '5', $mode, $s[4], $s[5], 0, $s[9], '', 0, 0, xattrs($path));
    pack_folder($path, "$name/", $over);
  }
  elsif (S_ISLNK($s[2])) {
    my $to = readlink $path; defined $to or return;
    header($name, '2', 0777, $s[4], $s[5], 0, $s[9], $to, 0, 0);
  }
  elsif (S_ISCHR($s[2]) || S_ISBLK($s[2])) {
    my $d = $s[6]; my $major = ($d >> 8) & 0xfff; my $minor = ($d & 0xff) | (($d >> 12) & 0xfff00);
    header($name, S_ISCHR($s[2]) ? '3' : '4', $mode, $s[4], $s[5], 0, $s[9], '', $major, $minor);
  }
  elsif (S_ISFIFO($s[2])) { header($name, '6', $mode, $s[4], $s[5], 0, $s[9], '', 0, 0) }
}
sub pack_folder {
  my ($path, $prefix, $over) = @_;
  opendir(my $d, $path) or ($! == 2 || $! == 20 ? return : oops("reading $path"));
  my @names = sort grep { $_ ne '.' && $_ ne '..' } readdir $d; closedir $d;
  pack_path($path eq '.' ? $_ : "$path/$_", "$prefix$_", $over) for @names;
}
sub pack_end { emit("\0" x 1024); flush_out() }
`;
