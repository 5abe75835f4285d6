#!/usr/bin/env bash
# Quartz takes letters after a number in a cron expression without a word and passes over
# them: its hour "3pm" is three in the morning. Its own examples have such an hour, 10am.
# worker/foreign refuses the word when such an expression is pasted.
. "$(dirname "$0")/lib.bash"
needs javac default-jdk-headless
apt-get download -qq libquartz2-java >/dev/null 2>&1; dpkg-deb -x libquartz2-java_*.deb debian
cat >Hours.java <<'JAVA'
import java.text.SimpleDateFormat;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

public class Hours {
    public static void main(String[] lines) throws Exception {
        SimpleDateFormat clock = new SimpleDateFormat("HH:mm");
        clock.setTimeZone(TimeZone.getTimeZone("UTC"));
        for (String line : lines) {
            CronExpression times = new CronExpression(line);
            times.setTimeZone(TimeZone.getTimeZone("UTC"));
            System.out.println(clock.format(times.getNextValidTimeAfter(new Date(0))));
        }
    }
}
JAVA
javac -nowarn -cp debian/usr/share/java/quartz2.jar Hours.java 2>/dev/null
first() { java -cp "debian/usr/share/java/quartz2.jar:." Hours "$1" 2>/dev/null; }
echo "Quartz $(basename libquartz2-java_*.deb | cut -d_ -f2), $(javac -version)"
echo "expected: as \"0 0 10am * * ?\" means 10:00, \"0 0 3pm * * ?\" means 15:00"
holds "10am means $(first '0 0 10am * * ?')" test "$(first '0 0 10am * * ?')" = 10:00
holds "3pm means $(first '0 0 3pm * * ?')" test "$(first '0 0 3pm * * ?')" = 03:00
